//! Why the room refuses: a protocol error as OAuth names it, and beside it the stable code and the
//! sentences of the house.

use types::{Problem, ProblemKind, Text};

/// The error names of RFC 6749 section 5.2 and of the documents that add to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OAuthError {
    /// RFC 6749.
    InvalidRequest,
    /// RFC 6749: client authentication failed.
    InvalidClient,
    /// RFC 6749: code or refresh token.
    InvalidGrant,
    /// RFC 6749: the client may not do this.
    UnauthorizedClient,
    /// RFC 6749.
    UnsupportedGrantType,
    /// RFC 6749.
    UnsupportedResponseType,
    /// RFC 6749.
    InvalidScope,
    /// RFC 6749: the user, or a rule, said no.
    AccessDenied,
    /// `OpenID` Connect Core: `prompt=none`, and nobody has signed in.
    LoginRequired,
    /// `OpenID` Connect Core: `prompt=none`, and the user has to be asked.
    ConsentRequired,
    /// `OpenID` Connect Core: request objects are not taken.
    RequestNotSupported,
    /// RFC 9449.
    InvalidDpopProof,
    /// RFC 9449: send the proof again with the nonce given.
    UseDpopNonce,
    /// RFC 6750: the access token.
    InvalidToken,
    /// RFC 6750.
    InsufficientScope,
    /// RFC 8693.
    InvalidTarget,
    /// RFC 6749.
    ServerError,
    /// RFC 6749.
    TemporarilyUnavailable,
}

impl OAuthError {
    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::AccessDenied => "access_denied",
            Self::LoginRequired => "login_required",
            Self::ConsentRequired => "consent_required",
            Self::RequestNotSupported => "request_not_supported",
            Self::InvalidDpopProof => "invalid_dpop_proof",
            Self::UseDpopNonce => "use_dpop_nonce",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope => "insufficient_scope",
            Self::InvalidTarget => "invalid_target",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
        }
    }

    /// The family of problems it belongs to where the answer is no protocol message.
    const fn kind(self) -> ProblemKind {
        match self {
            Self::InvalidClient | Self::InvalidToken | Self::UseDpopNonce => {
                ProblemKind::Unauthenticated
            }
            Self::AccessDenied | Self::InsufficientScope | Self::UnauthorizedClient => {
                ProblemKind::Forbidden
            }
            Self::ServerError => ProblemKind::Internal,
            Self::TemporarilyUnavailable => ProblemKind::Unavailable,
            _ => ProblemKind::Invalid,
        }
    }
}

/// A refusal of the protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// As OAuth names it.
    pub error: OAuthError,
    /// The stable code of the house.
    pub code: &'static str,
    /// What is wrong.
    pub reason: Text,
}

impl Refusal {
    /// A refusal.
    pub(crate) fn coded(
        error: OAuthError,
        code: &'static str,
        en: impl Into<String>,
        zh: impl Into<String>,
    ) -> Self {
        Self { error, code, reason: Text::new(en, zh) }
    }

    /// A parameter that is missing, or not of its form.
    pub(crate) fn parameter(name: &str, what: &str) -> Self {
        Self::coded(
            OAuthError::InvalidRequest,
            "oauth_parameter_invalid",
            format!("{name}: {what}"),
            format!("参数 {name} 不符合要求：{what}"),
        )
    }
}

/// Why the room refused or failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// A rule of the protocol.
    #[error("{} ({}): {}", .0.error.name(), .0.code, .0.reason.en)]
    Refused(Box<Refusal>),
    /// A rule of the house outside of the protocol.
    #[error("{0}")]
    Problem(Box<Problem>),
    /// The records refused or failed.
    #[error(transparent)]
    Records(#[from] records::Error),
    /// The members refused or failed.
    #[error(transparent)]
    Members(#[from] members::Error),
    /// A fault of ours; the log has the detail.
    #[error("fault: {0}")]
    Fault(String),
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

impl Error {
    /// A fault of ours.
    pub(crate) fn fault(what: &str, cause: &dyn std::fmt::Display) -> Self {
        Self::Fault(format!("{what}: {cause}"))
    }

    /// The same as the protocol tells it: whatever is no refusal of the protocol is the server's.
    pub fn told(&self) -> (OAuthError, Problem) {
        match self {
            Self::Refused(refusal) => (refusal.error, self.clone().into()),
            other => {
                let problem = Problem::from(other.clone());
                let error = match problem.kind {
                    ProblemKind::Internal => OAuthError::ServerError,
                    ProblemKind::Unavailable | ProblemKind::Overloaded => {
                        OAuthError::TemporarilyUnavailable
                    }
                    _ => OAuthError::AccessDenied,
                };
                (error, problem)
            }
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => {
                let Refusal { error, code, reason } = *refusal;
                Self { kind: error.kind(), code, field: None, reason }
            }
            Error::Problem(problem) => *problem,
            Error::Records(cause) => cause.into(),
            Error::Members(cause) => cause.into(),
            Error::Fault(cause) => {
                tracing::error!(%cause, "fault in sso");
                Self::new(
                    ProblemKind::Internal,
                    "sso_fault",
                    "a fault of ours; nothing was changed",
                    "系统内部错误，未做任何更改",
                )
            }
        }
    }
}
