//! Every page, rendered from its sample in both languages.

mod looked_at;

use super::*;
use types::Locale;

/// Every page by its name.
fn pages(l: Locale) -> Vec<(&'static str, String)> {
    let written = |name, context: &dyn askama::DynTemplate| {
        (name, context.dyn_render().unwrap_or_else(|error| panic!("{name}: {error}")))
    };
    let problem = ProblemPage {
        frame: Frame { open_date: None, ..Frame::sample(l, frame::Section::None) },
        status: 404,
        code: "route_not_found",
        reason: "404".to_owned(),
    };
    vec![
        written("account", &account::Statement::sample(l)),
        written("accounts", &accounts::Accounts::sample(l)),
        written("approvals", &approvals::Approvals::sample(l)),
        written("board", &board::Board::sample(l)),
        written("day_end", &day_end::DayEnds::sample(l)),
        written("errors", &errors::Errors::sample(l)),
        written("leaf", &leaf::Leaf::sample(l)),
        written("lists", &lists::Lists::sample(l)),
        written("merchants", &merchants::Merchants::sample(l)),
        written("order", &order::OrderTrace::sample(l)),
        written("orders", &orders::OrderList::sample(l)),
        written("person", &person::Person::sample(l)),
        written("problem", &problem),
        written("recon", &recon::Runs::sample(l)),
        written("risk", &risk::Decisions::sample(l)),
        written("run", &run::Run::sample(l)),
        written("settlement", &settlement::Settlement::sample(l)),
        written("sign_in", &sign_in::SignIn::sample(l)),
        written("sso_account", &sso::AccountPage::sample(l)),
        written("sso_code", &sso::CodePage::sample(l)),
        written("sso_consent", &sso::ConsentPage::sample(l)),
        written("sso_sign_in", &sso::SignInPage::sample(l)),
        written("transaction", &transaction::Transaction::sample(l)),
        written("transactions", &transactions::Transactions::sample(l)),
        written("trial", &trial::Trial::sample(l)),
        written("users", &users::Users::sample(l)),
    ]
}

fn is_han(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

/// The page without its markup, and without the button that names the other language.
fn text_of(page: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for c in page.replace("中文", "").chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            _ if !inside => text.push(c),
            _ => {}
        }
    }
    text
}

#[test]
fn every_template_has_a_sample() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/templates");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .expect("templates")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter_map(|name| name.strip_suffix(".html").map(str::to_owned))
        .filter(|name| name != "frame" && !name.starts_with('_'))
        .collect();
    files.sort();
    let sampled: Vec<_> = pages(Locale::En).into_iter().map(|(name, _)| name).collect();
    assert_eq!(files, sampled);
}

#[test]
fn every_page_is_whole_in_both_languages() {
    for locale in [Locale::En, Locale::Zh] {
        for (name, page) in pages(locale) {
            assert!(page.starts_with("<!doctype html>"), "{name}");
            assert!(page.trim_end().ends_with("</html>"), "{name}");
            assert!(page.contains(&format!("lang=\"{}\"", locale.tag())), "{name}");
            assert_eq!(page.matches("<table").count(), page.matches("</table>").count(), "{name}");
        }
    }
}

#[test]
fn no_page_mixes_languages() {
    for ((name, en), (_, zh)) in pages(Locale::En).into_iter().zip(pages(Locale::Zh)) {
        let stray: String = en.replace("中文", "").chars().filter(|c| is_han(*c)).collect();
        assert_eq!(stray, "", "the English page {name}");
        let text = text_of(&zh);
        assert!(text.chars().filter(|c| is_han(*c)).count() > 5, "the Chinese page {name}");
        for word in ["Orders", "Accounts", "Balance", "Amount", "Sign", "Settled", "Breaks"] {
            assert!(!text.contains(word), "'{word}' on the Chinese page {name}");
        }
    }
}

#[test]
fn what_people_wrote_is_escaped() {
    for (name, page) in pages(Locale::En) {
        assert!(!page.contains("<b>order"), "{name}");
    }
}

#[test]
fn pages_need_no_script_no_style_and_nothing_from_outside() {
    for (name, page) in pages(Locale::En) {
        for foreign in ["<script", " style=", "<style", "src=\"http", "href=\"http", "javascript:"]
        {
            assert!(!page.contains(foreign), "{name}: {foreign}");
        }
    }
}
