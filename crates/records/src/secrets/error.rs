//! Why a key or a sealed value was refused.

use types::{Problem, ProblemKind};

/// Why a key or a sealed value was refused. No variant carries a key or a plain value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretsError {
    /// A key file cannot be read or written.
    #[error("key file {file}: {reason}")]
    File {
        /// The file.
        file: String,
        /// The system's reason.
        reason: String,
    },
    /// A key file does not have the form of one.
    #[error("key file {file} is damaged: {reason}")]
    Damaged {
        /// The file.
        file: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// Some keys are there and this one is not: making a new one would lose data.
    #[error("key file {file} is missing while others are there: restore it from the backup")]
    Missing {
        /// The file.
        file: String,
    },
    /// Others may read a key file.
    #[error("key file {file} may be read by others (mode {mode:o}): chmod 600 it")]
    Exposed {
        /// The file.
        file: String,
        /// Its permission bits.
        mode: u32,
    },
    /// The sealed value is shorter than any sealed value.
    #[error("the sealed value is cut: {length} bytes")]
    Cut {
        /// Its length.
        length: usize,
    },
    /// The sealed value is of a form this program does not know.
    #[error("the sealed value has form {form}, which this program does not know")]
    UnknownForm {
        /// The first byte.
        form: u8,
    },
    /// It was sealed under a key that the ring does not hold.
    #[error("it was sealed under key {key}, which the ring does not hold")]
    UnknownKey {
        /// The key's id in hexadecimal.
        key: String,
    },
    /// The value was altered, or belongs to another place than it was read from.
    #[error("the sealed value was altered or belongs to another place")]
    Altered,
    /// What opened is not the text it should be.
    #[error("the sealed value opened, but is not text")]
    NotText,
}

impl From<SecretsError> for Problem {
    fn from(error: SecretsError) -> Self {
        let en = error.to_string();
        match error {
            SecretsError::File { ref file, .. }
            | SecretsError::Damaged { ref file, .. }
            | SecretsError::Missing { ref file }
            | SecretsError::Exposed { ref file, .. } => {
                let zh = format!("密钥文件 {file} 不可用：{en}");
                Self::new(ProblemKind::Internal, "key_file_unusable", en, zh)
            }
            SecretsError::Cut { .. }
            | SecretsError::UnknownForm { .. }
            | SecretsError::UnknownKey { .. }
            | SecretsError::Altered
            | SecretsError::NotText => {
                let zh = format!("加密数据无法解开：{en}");
                Self::new(ProblemKind::Internal, "sealed_value_unreadable", en, zh)
            }
        }
    }
}
