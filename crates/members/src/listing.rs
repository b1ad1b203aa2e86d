//! Personal values on lists: kept, and compared, as keyed hashes.

use crate::error::Error;
use crate::members::Members;
use crate::model::id_number::IdNumber;
use crate::model::realname::IdType;
use crate::model::text_forms;
use types::{BusinessDate, Masked};

/// A keyed hash as a list keeps it.
const HASH_DIGITS: usize = 64;

impl Members {
    /// A value as a list keeps it: a phone (`phone`) or a document (`document`, written
    /// `resident_id:110105...`) as its keyed hash, anything else as it is. A keyed hash stays.
    ///
    /// # Errors
    /// `phone_invalid`, `id_number_invalid`.
    pub fn list_value(&self, listed: &str, value: String) -> Result<String, Error> {
        let personal = matches!(listed, "phone" | "document");
        let is_hash = value.len() == HASH_DIGITS && value.bytes().all(|b| b.is_ascii_hexdigit());
        if !personal || is_hash {
            return Ok(value);
        }
        let value = Masked::new(value);
        if listed == "phone" {
            if !text_forms::is_phone(value.expose()) {
                let en = "a phone is eleven digits, led by 13 to 19";
                let zh = "手机号应为 13 至 19 开头的 11 位数字";
                return Err(Error::invalid("value", "phone_invalid", en, zh));
            }
            return Ok(hex::encode(self.phone_index(&value)));
        }
        let form = || {
            let en = "a document is its type, a colon and its number: resident_id:110105...";
            Error::invalid("value", "id_number_invalid", en, "证件应写作“类型:号码”")
        };
        let (id_type, number) = value.expose().split_once(':').ok_or_else(form)?;
        let id_type = IdType::from_code(id_type).ok_or_else(form)?;
        // Any birth date: an entry may be older, or about somebody younger, than a customer.
        let latest = BusinessDate::from_days(i32::MAX);
        let document =
            IdNumber::parse(id_type, &Masked::new(number), latest).map_err(|_| form())?;
        Ok(hex::encode(self.document_index(document.id_type.code(), &document.of_holder())))
    }

    /// Under which a document is listed: its kind and number, whoever holds it.
    pub(crate) fn document_index(&self, id_type: &str, number: &Masked) -> [u8; 32] {
        let value = format!("{id_type}\n{}", number.expose());
        self.inner.secrets.blind_index("document", value.as_bytes())
    }
}
