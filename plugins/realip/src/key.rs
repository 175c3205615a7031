//! ECDSA with SHA-512 on the curve that the key says, as Java's `SHA512withECDSA` has it.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use portcullis_sdk::prelude::*;
use sha2::{Digest, Sha512};

macro_rules! curves {
    ($($curve:ident: $of:ident;)+) => {
        /// A key to check signatures with.
        #[derive(Config, Clone, PartialEq)]
        #[config(try_from = "String")]
        pub(crate) enum PublicKey {
            $(#[doc = stringify!($curve)] $curve(Box<$of::ecdsa::VerifyingKey>),)+
        }

        /// A key to sign with.
        pub(crate) enum PrivateKey {
            $(#[doc = stringify!($curve)] $curve(Box<$of::ecdsa::SigningKey>),)+
        }

        impl PublicKey {
            /// Whether this is a signature of the key's owner, in base64 of its DER.
            pub(crate) fn has_signed(&self, text: &str, signature: &str) -> bool {
                let Ok(der) = BASE64_STANDARD.decode(signature) else {
                    return false;
                };
                let digest = Sha512::digest(text.as_bytes());
                match self {
                    $(Self::$curve(key) => {
                        use $of::ecdsa::{Signature, signature::hazmat::PrehashVerifier};
                        let signature = Signature::from_der(&der);
                        signature.is_ok_and(|signature| key.verify_prehash(&digest, &signature).is_ok())
                    })+
                }
            }

            fn of_der(der: &[u8]) -> Option<Self> {
                $(
                    if let Ok(key) = <$of::ecdsa::VerifyingKey as $of::pkcs8::DecodePublicKey>::from_public_key_der(der) {
                        return Some(Self::$curve(Box::new(key)));
                    }
                )+
                None
            }
        }

        impl PrivateKey {
            /// The signature, in base64 of its DER.
            pub(crate) fn sign(&self, text: &str) -> Result<String> {
                let digest = Sha512::digest(text.as_bytes());
                match self {
                    $(Self::$curve(key) => {
                        use $of::ecdsa::{Signature, signature::hazmat::PrehashSigner};
                        let signature: Signature = key.sign_prehash(&digest)?;
                        Ok(BASE64_STANDARD.encode(signature.to_der()))
                    })+
                }
            }

            fn of_der(der: &[u8]) -> Option<Self> {
                $(
                    if let Ok(key) = <$of::ecdsa::SigningKey as $of::pkcs8::DecodePrivateKey>::from_pkcs8_der(der) {
                        return Some(Self::$curve(Box::new(key)));
                    }
                )+
                None
            }
        }
    };
}

curves! {
    P256: p256;
    P384: p384;
    P521: p521;
}

impl TryFrom<String> for PublicKey {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        let der = BASE64_STANDARD.decode(text.trim()).map_err(|_| "is not base64")?;
        Self::of_der(&der).ok_or("is no public key (X.509, DER) on P-256, P-384 or P-521")
    }
}

impl PrivateKey {
    pub(crate) fn read(text: &str) -> Result<Self, &'static str> {
        let der = BASE64_STANDARD.decode(text.trim()).map_err(|_| "is not base64")?;
        Self::of_der(&der).ok_or("is no private key (PKCS #8, DER) on P-256, P-384 or P-521")
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PublicKey(..)")
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(..)")
    }
}
