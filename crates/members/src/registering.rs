//! Registering users: wide in (宽进).

use crate::error::Error;
use crate::members::Members;
use crate::model::people::NewUser;
use crate::model::text_forms;
use crate::store::{place, users};
use types::{Masked, Timestamp, UserId};

impl Members {
    /// Registers a user.
    ///
    /// # Errors
    /// `phone_invalid`, `email_invalid`, `login_name_invalid`; `phone_taken`, `email_taken`,
    /// `login_name_taken`: the same registration twice is told apart by the caller through
    /// [`Members::user_by_phone`].
    pub async fn register(&self, new: NewUser, now: Timestamp) -> Result<UserId, Error> {
        let row = self.new_user_row(new, now)?;
        let user = row.id;
        let unit = self.inner.records.write(move |txn| {
            Box::pin(async move {
                match users::taken(txn, &row).await? {
                    Some(field) => Err(taken(field)),
                    None => Ok::<_, Error>(users::insert(txn, row).await?),
                }
            })
        });
        unit.await?;
        Ok(user)
    }

    /// A user's row, its forms checked and what is personal sealed.
    pub(crate) fn new_user_row(
        &self,
        new: NewUser,
        now: Timestamp,
    ) -> Result<users::NewRow, Error> {
        check(&new)?;
        let phone_index = self.phone_index(&new.phone);
        let id = UserId::derive(now, &[&phone_index]);
        let seal = |column: &str, value: &Masked| {
            self.inner.secrets.seal_text(value, &place(column, &id), self.inner.random.as_ref())
        };
        let email = new.email.as_ref().map(|email| {
            // Found again in lower case: mail systems do not tell the cases apart.
            let lower = email.expose().to_ascii_lowercase();
            let index = self.inner.secrets.blind_index("email", lower.as_bytes());
            (index, seal("user.email", email))
        });
        let phone = seal("user.phone", &new.phone);
        let login_name = new.login_name;
        Ok(users::NewRow { id, phone_index, phone, email, login_name, created_at: now })
    }

    /// The user with this phone.
    pub async fn user_by_phone(&self, phone: &Masked) -> Result<Option<UserId>, Error> {
        let found = users::by_phone(self.db(), self.phone_index(phone)).await?;
        Ok(found.map(|row| row.id))
    }

    pub(crate) fn phone_index(&self, phone: &Masked) -> [u8; 32] {
        self.inner.secrets.blind_index("phone", phone.expose().as_bytes())
    }
}

fn taken(field: &'static str) -> Error {
    let code = match field {
        "phone" => "phone_taken",
        "email" => "email_taken",
        _ => "login_name_taken",
    };
    Error::Taken { field, code }
}

/// Read in the clear only to check their forms.
fn check(new: &NewUser) -> Result<(), Error> {
    if !text_forms::is_phone(new.phone.expose()) {
        let en = "a phone is eleven digits, led by 13 to 19";
        return Err(Error::invalid(
            "phone",
            "phone_invalid",
            en,
            "手机号应为 13 至 19 开头的 11 位数字",
        ));
    }
    if new.email.as_ref().is_some_and(|email| !text_forms::is_email(email.expose())) {
        return Err(Error::invalid(
            "email",
            "email_invalid",
            "this is no e-mail address",
            "邮箱格式不正确",
        ));
    }
    if new.login_name.as_deref().is_some_and(|name| !text_forms::is_login_name(name)) {
        let en = "a sign-in name is 3 to 32 of a-z 0-9 _ . -, led by a letter";
        let zh = "登录名为 3 至 32 位小写字母、数字或 _ . -，以字母开头";
        return Err(Error::invalid("login_name", "login_name_invalid", en, zh));
    }
    Ok(())
}
