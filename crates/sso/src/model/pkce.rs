//! Proof Key for Code Exchange (RFC 7636): S256 and nothing else.

use crate::error::{OAuthError, Refusal};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

fn refused(error: OAuthError, code: &'static str, en: &str, zh: &str) -> Refusal {
    Refusal::coded(error, code, en, zh)
}

/// The challenge of an authorisation request.
///
/// # Errors
/// `pkce_missing`, `pkce_method_refused` (also for `plain`, which is what no method means),
/// `pkce_challenge_malformed`.
pub fn challenge(challenge: Option<&str>, method: Option<&str>) -> Result<String, Refusal> {
    let error = OAuthError::InvalidRequest;
    let Some(challenge) = challenge else {
        let en = "every request needs a code_challenge";
        return Err(refused(error, "pkce_missing", en, "授权请求必须带 code_challenge"));
    };
    if method != Some("S256") {
        let en = "code_challenge_method must be S256";
        let zh = "code_challenge_method 必须为 S256";
        return Err(refused(error, "pkce_method_refused", en, zh));
    }
    let digest = URL_SAFE_NO_PAD.decode(challenge).ok().filter(|bytes| bytes.len() == 32);
    digest.map(|_| challenge.to_owned()).ok_or_else(|| {
        let en = "code_challenge is no base64url of 32 bytes";
        let zh = "code_challenge 不是 32 字节的 base64url";
        refused(error, "pkce_challenge_malformed", en, zh)
    })
}

/// The challenge that a verifier has.
pub fn of_verifier(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

/// Checks the verifier that comes with a code.
///
/// # Errors
/// `pkce_verifier_missing`, `pkce_mismatch`.
pub fn check(verifier: Option<&str>, challenge: &str) -> Result<(), Refusal> {
    let error = OAuthError::InvalidGrant;
    let Some(verifier) = verifier else {
        let en = "code_verifier is missing";
        return Err(refused(error, "pkce_verifier_missing", en, "缺少 code_verifier"));
    };
    let of_form = (43..=128).contains(&verifier.len())
        && verifier.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b));
    let right: bool = of_verifier(verifier).as_bytes().ct_eq(challenge.as_bytes()).into();
    if of_form && right {
        return Ok(());
    }
    let en = "code_verifier is not the one of this code";
    Err(refused(error, "pkce_mismatch", en, "code_verifier 与授权码不符"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_example_of_the_standard_holds() {
        assert_eq!(challenge(Some(CHALLENGE), Some("S256")), Ok(CHALLENGE.to_owned()));
        assert_eq!(check(Some(VERIFIER), CHALLENGE), Ok(()));
    }

    #[test]
    fn everything_else_is_refused_by_name() {
        for (given, method, code) in [
            (None, Some("S256"), "pkce_missing"),
            (None, None, "pkce_missing"),
            (Some(CHALLENGE), None, "pkce_method_refused"),
            (Some(CHALLENGE), Some("plain"), "pkce_method_refused"),
            (Some(CHALLENGE), Some("s256"), "pkce_method_refused"),
            (Some("short"), Some("S256"), "pkce_challenge_malformed"),
            (
                Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM="),
                Some("S256"),
                "pkce_challenge_malformed",
            ),
        ] {
            let refused = challenge(given, method).expect_err("refused");
            assert_eq!(refused.code, code, "{given:?} {method:?}");
        }
        let other = VERIFIER.replace('d', "e");
        for (given, code) in [
            (None, "pkce_verifier_missing"),
            (Some(other.as_str()), "pkce_mismatch"),
            // The challenge itself would do under `plain`.
            (Some(CHALLENGE), "pkce_mismatch"),
            (Some("short"), "pkce_mismatch"),
        ] {
            assert_eq!(check(given, CHALLENGE).expect_err("refused").code, code, "{given:?}");
        }
    }
}
