//! A browser: it keeps cookies, sends its origin, and stops at every redirect to be looked at.

use crate::house::{House, Reply};
use axum::http::StatusCode;
use sso::model::form::{Form, extend};
use std::collections::BTreeMap;
use testhouse::Town;
use types::Clock;

/// One browser of one person.
pub struct Browser<'h> {
    house: &'h House,
    town: &'h Town,
    cookies: BTreeMap<String, String>,
}

/// Parameters as a form.
pub fn form(parameters: &[(&str, &str)]) -> String {
    extend("", parameters).trim_start_matches('?').to_owned()
}

/// Where a reply leads.
pub fn location(reply: &Reply) -> String {
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.body);
    reply.header("location").to_owned()
}

/// The parameters of an address.
pub fn parameters(address: &str) -> Form {
    let query = address.split_once('?').expect("a query").1;
    Form::parse(query.as_bytes()).expect("parameters")
}

impl<'h> Browser<'h> {
    pub fn new(house: &'h House, town: &'h Town) -> Self {
        Self { house, town, cookies: BTreeMap::new() }
    }

    fn take(&mut self, reply: Reply) -> Reply {
        for set in reply.headers.get_all("set-cookie") {
            let set = set.to_str().expect("text");
            assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax"), "{set}");
            let (name, value) =
                set.split(';').next().and_then(|p| p.split_once('=')).expect("a pair");
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        reply
    }

    fn cookie(&self) -> String {
        let pairs: Vec<String> = self.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
        pairs.join("; ")
    }

    pub async fn get(&mut self, path: &str) -> Reply {
        let path = path.strip_prefix(self.house.issuer()).unwrap_or(path);
        let reply = self.house.call("GET", path, &[("cookie", &self.cookie())], "").await;
        self.take(reply)
    }

    pub async fn post(&mut self, path: &str, parameters: &[(&str, &str)]) -> Reply {
        let (cookie, origin) = (self.cookie(), self.house.issuer().to_owned());
        let headers = [
            ("cookie", cookie.as_str()),
            ("origin", origin.as_str()),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        let reply = self.house.call("POST", path, &headers, form(parameters)).await;
        self.take(reply)
    }

    /// As an app that opened the page does, with JSON.
    pub async fn post_json(&mut self, path: &str, body: &serde_json::Value) -> Reply {
        let cookie = self.cookie();
        let headers = [("cookie", cookie.as_str()), ("content-type", "application/json")];
        let reply = self.house.call("POST", path, &headers, body.to_string()).await;
        self.take(reply)
    }

    /// Proves a phone on the pages at `here`; where that leads.
    pub async fn sign_in(&mut self, here: &str, phone: &str) -> String {
        // A phone is sent one message a minute.
        if self.town.sms().count(phone) > 0 {
            let clock = &self.house.clock;
            clock.advance_to(clock.now().plus_seconds(61));
        }
        let page = self.post(&format!("{here}/code"), &[("phone", phone)]).await;
        assert!(page.body.contains("name=\"code\""), "{}", page.body);
        let code = self.town.sms().last(phone).expect("a message");
        assert!(!page.body.contains(&code));
        let done =
            self.post(&format!("{here}/sign-in"), &[("phone", phone), ("code", &code)]).await;
        location(&done)
    }

    /// Brings a request, signs in if that is asked for, and answers; where that leads.
    pub async fn answer(&mut self, authorize: &str, phone: &str, answer: &str) -> String {
        let here = location(&self.get(authorize).await);
        if !here.starts_with("/oauth/requests/") {
            return here;
        }
        let mut page = self.get(&here).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        if page.body.contains("name=\"phone\"") {
            assert_eq!(self.sign_in(&here, phone).await, here);
            page = self.get(&here).await;
        }
        assert!(page.body.contains("value=\"allow\""), "{}", page.body);
        location(&self.post(&format!("{here}/answer"), &[("answer", answer)]).await)
    }
}
