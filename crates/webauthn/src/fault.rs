//! Why a registration or an assertion is refused.

use types::{Problem, ProblemKind, Text};

/// Why bytes of an authenticator or of its client are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}", self.code(), self.reason().en)]
pub enum Fault {
    /// The client data is not of its form; says how.
    ClientData(&'static str),
    /// The client data is of another ceremony.
    Type,
    /// The client data answers another challenge.
    Challenge,
    /// The page is not one that may ask.
    Origin,
    /// The page was embedded in another's.
    CrossOrigin,
    /// The key answers for another relying party.
    RelyingParty,
    /// Nobody was there.
    NotPresent,
    /// The authenticator did not verify who was there.
    NotVerified,
    /// The backup flags contradict one another or what was registered.
    Backup,
    /// The authenticator data is not of its form; says how.
    AuthenticatorData(&'static str),
    /// The attestation object is not of its form; says how.
    AttestationObject(&'static str),
    /// An attestation statement of a format that is not checked here.
    AttestationFormat,
    /// The attestation does not prove what it says; says how.
    Attestation(&'static str),
    /// The key is of an algorithm that was not offered.
    Algorithm,
    /// The public key is none.
    PublicKey,
    /// The credential id is too short or too long, or is not the one asserted.
    CredentialId,
    /// The signature is wrong.
    Signature,
    /// The counter did not move on: the key may have been copied.
    Counter,
    /// The assertion is another user's.
    UserHandle,
    /// What the payer was shown is not the order; names the part.
    Payment(&'static str),
}

impl Fault {
    /// The stable code, one line of docs/reference/errors.md.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ClientData(_) => "device_key_client_data_invalid",
            Self::Type => "device_key_type_wrong",
            Self::Challenge => "device_key_challenge_wrong",
            Self::Origin => "device_key_origin_wrong",
            Self::CrossOrigin => "device_key_cross_origin",
            Self::RelyingParty => "device_key_relying_party_wrong",
            Self::NotPresent => "device_key_user_not_present",
            Self::NotVerified => "device_key_user_not_verified",
            Self::Backup => "device_key_backup_flags_wrong",
            Self::AuthenticatorData(_) => "device_key_authenticator_data_invalid",
            Self::AttestationObject(_) => "device_key_attestation_object_invalid",
            Self::AttestationFormat => "device_key_attestation_unsupported",
            Self::Attestation(_) => "device_key_attestation_wrong",
            Self::Algorithm => "device_key_algorithm_unsupported",
            Self::PublicKey => "device_key_public_key_invalid",
            Self::CredentialId => "device_key_credential_id_wrong",
            Self::Signature => "device_key_signature_wrong",
            Self::Counter => "device_key_counter_low",
            Self::UserHandle => "device_key_user_handle_wrong",
            Self::Payment(_) => "device_key_payment_wrong",
        }
    }

    /// The part of the answer that is at fault.
    pub const fn field(&self) -> &'static str {
        match self {
            Self::ClientData(_)
            | Self::Type
            | Self::Challenge
            | Self::Origin
            | Self::CrossOrigin
            | Self::Payment(_) => "client_data",
            Self::RelyingParty
            | Self::NotPresent
            | Self::NotVerified
            | Self::Backup
            | Self::AuthenticatorData(_)
            | Self::Counter => "authenticator_data",
            Self::AttestationObject(_)
            | Self::AttestationFormat
            | Self::Attestation(_)
            | Self::Algorithm
            | Self::PublicKey => "attestation_object",
            Self::CredentialId => "credential_id",
            Self::Signature => "signature",
            Self::UserHandle => "user_handle",
        }
    }

    /// The sentence in both languages.
    pub fn reason(&self) -> Text {
        let (en, zh) = match self {
            Self::ClientData(how) => return told("the client data", "客户端数据无效", how),
            Self::AuthenticatorData(how) => {
                return told("the authenticator data", "认证器数据无效", how);
            }
            Self::AttestationObject(how) => {
                return told("the attestation object", "证明对象无效", how);
            }
            Self::Attestation(how) => return told("the attestation", "设备证明不成立", how),
            Self::Payment(part) => {
                return Text::new(
                    format!("the payer was shown another {part} than the order's"),
                    format!("向付款人展示的内容与订单不符：{part}"),
                );
            }
            Self::Type => {
                ("the client data is of another ceremony", "客户端数据属于另一种操作类型")
            }
            Self::Challenge => (
                "the client data answers another challenge than the one for this use",
                "客户端数据应答的挑战值与本次用途不符",
            ),
            Self::Origin => {
                ("the page that asked is not one of this relying party's", "发起页面的来源不被接受")
            }
            Self::CrossOrigin => {
                ("the page that asked was embedded in another's", "发起页面被嵌入在其他网站中")
            }
            Self::RelyingParty => {
                ("the key answers for another relying party", "该密钥属于另一依赖方")
            }
            Self::NotPresent => ("nobody touched the authenticator", "认证器未确认用户在场"),
            Self::NotVerified => {
                ("the authenticator did not verify its user", "认证器未验证用户身份")
            }
            Self::Backup => (
                "the backup flags contradict one another or what was registered",
                "备份标志自相矛盾或与注册时不符",
            ),
            Self::AttestationFormat => (
                "attestation statements are 'none' or 'packed' here",
                "仅支持 none 与 packed 格式的证明",
            ),
            Self::Algorithm => {
                ("the key's algorithm is not one of those offered", "密钥算法不在所提供的范围内")
            }
            Self::PublicKey => ("the public key is none of its algorithm", "公钥不符合其算法"),
            Self::CredentialId => (
                "the credential id is of a wrong length or not the key's",
                "凭证编号长度不符或与密钥不一致",
            ),
            Self::Signature => ("the signature is wrong", "签名不正确"),
            Self::Counter => (
                "the signature counter did not move on: the key may have been copied",
                "签名计数未增加，密钥可能被复制",
            ),
            Self::UserHandle => ("the assertion is another user's", "该断言属于另一用户"),
        };
        Text::new(en, zh)
    }
}

fn told(what: &str, zh: &str, how: &str) -> Text {
    Text::new(format!("{what}: {how}"), format!("{zh}（{how}）"))
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        let Text { en, zh } = fault.reason();
        Self::new(ProblemKind::Invalid, fault.code(), en, zh).at(fault.field())
    }
}
