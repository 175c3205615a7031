//! The exchange of a connection's secret: the server's RSA key, what clients send back, and the hash that the session server
//! compares. <https://minecraft.wiki/w/Java_Edition_protocol/Encryption>

use getrandom::SysRng;
use rsa::{PrivateKey, pkcs8::EncodePublicKey};
use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;
use thiserror::Error;

use crate::cipher::{SECRET_BYTES, Secret};

/// Bits of the key: what vanilla servers use. It guards one connection's secret for as long as the host runs.
const KEY_BITS: usize = 1024;

/// Bytes of the token that a client must send back encrypted: what vanilla servers use.
pub const TOKEN_BYTES: usize = 4;

/// Why no secret came of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyError {
    /// The key could not be made: the operating system has no randomness.
    #[error("no RSA key could be made: the operating system gives no random numbers")]
    Generate,
    /// What the client sent cannot be decrypted: another server's key, or random bytes.
    #[error("an encryption response that this host's key does not decrypt")]
    Decrypt,
    /// The token is another one: a replay, another server's key, or random bytes.
    #[error("an encryption response with another token than the one sent")]
    Token,
    /// The secret is not a key for AES-128: a broken client.
    #[error("a secret of another length than {SECRET_BYTES} bytes")]
    SecretLength,
}

impl KeyError {
    /// Stable name for metrics.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Generate => "key-generation",
            Self::Decrypt => "secret-not-decrypted",
            Self::Token => "token-mismatch",
            Self::SecretLength => "secret-length",
        }
    }
}

/// The host's key. Made once at start: that takes tens of milliseconds.
pub struct ServerKey {
    private: PrivateKey,
    public_der: Box<[u8]>,
}

impl ServerKey {
    /// A new key from the operating system's random numbers.
    pub fn generate() -> Result<Self, KeyError> {
        let private = PrivateKey::new(&mut SysRng, KEY_BITS).map_err(|_| KeyError::Generate)?;
        let public = private.to_public_key().to_public_key_der();
        let public_der = public.map_err(|_| KeyError::Generate)?.as_bytes().into();
        Ok(Self { private, public_der })
    }

    /// The public half as an X.509 `SubjectPublicKeyInfo` in DER: what an encryption request carries.
    pub fn public_der(&self) -> &[u8] {
        &self.public_der
    }

    /// Decrypts a client's secret and token, and compares the token with the one it was sent. A wrong padding shows only as a
    /// wrong token, after the same time, so that nobody learns about the key from answers. Takes about a tenth of a
    /// millisecond each: not for floods, so let cheaper checks come first.
    pub fn accept(&self, secret: &[u8], token: &[u8], sent: &[u8]) -> Result<Secret, KeyError> {
        let token = self.decrypt(token)?;
        let secret = self.accept_signed(secret);
        if !bool::from(token.ct_eq(sent)) {
            return Err(KeyError::Token);
        }
        secret
    }

    /// Decrypts a client's secret alone: for 1.19 to 1.19.2, where a client with a chat key signs the token instead of
    /// encrypting it. The signature is not checked here; a wrong secret shows with the first encrypted byte.
    pub fn accept_signed(&self, secret: &[u8]) -> Result<Secret, KeyError> {
        let secret = self.decrypt(secret)?;
        secret.try_into().map(Secret::new).map_err(|_| KeyError::SecretLength)
    }

    fn decrypt(&self, bytes: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.private.pkcs1v15_decrypt(bytes).map_err(|_| KeyError::Decrypt)
    }
}

/// What a client tells the session server about the connection, and a server asks for: a SHA-1 as a signed number in
/// hexadecimal, without leading zeros. `server_id` is empty since 1.7.
pub fn server_hash(server_id: &str, secret: &Secret, public_der: &[u8]) -> String {
    let hash = Sha1::new()
        .chain_update(server_id)
        .chain_update(secret.bytes())
        .chain_update(public_der)
        .finalize();
    signed_hex(hash.into())
}

fn signed_hex(mut hash: [u8; 20]) -> String {
    let is_negative = hash.first().is_some_and(|byte| byte & 0x80 != 0);
    if is_negative {
        // Two's complement, from the last byte on.
        let mut carry = true;
        for byte in hash.iter_mut().rev() {
            (*byte, carry) = (!*byte).overflowing_add(u8::from(carry));
        }
    }
    let digits = hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let digits = digits.trim_start_matches('0');
    format!("{}{digits}", if is_negative { "-" } else { "" })
}

#[cfg(test)]
mod tests {
    use rsa::pkcs8::DecodePublicKey;

    use super::*;

    #[test]
    fn names_hash_as_the_protocol_page_shows() {
        for (name, expect) in [
            ("Notch", "4ed1f46bbe04bc756bcb17c0c7ce3e4632f06a48"),
            ("jeb_", "-7c9d5b0044c130109a5d7b5fb5c317c02b4e28c1"),
            ("simon", "88e16a1019277b15d58faf0541e11910eb756f6"),
        ] {
            assert_eq!(signed_hex(Sha1::digest(name).into()), expect, "{name}");
        }
    }

    #[test]
    fn a_hash_covers_id_secret_and_key() {
        let hash = |id, secret, key| server_hash(id, &Secret::new(secret), key);
        let one = hash("", [7; 16], &[1, 2]);
        assert_eq!(one, signed_hex(Sha1::digest([&[7; 16][..], &[1, 2]].concat()).into()));
        assert_ne!(one, hash("a", [7; 16], &[1, 2]));
        assert_ne!(one, hash("", [8; 16], &[1, 2]));
        assert_ne!(one, hash("", [7; 16], &[1, 3]));
    }

    #[test]
    fn a_client_and_the_host_come_to_share_a_secret() {
        let key = ServerKey::generate().unwrap();
        let public = rsa::PublicKey::from_public_key_der(key.public_der()).unwrap();
        let encrypt = |bytes: &[u8]| public.pkcs1v15_encrypt(bytes).unwrap();
        let secret = [5; SECRET_BYTES];
        let accepted = key.accept(&encrypt(&secret), &encrypt(b"toke"), b"toke").unwrap();
        assert_eq!(accepted.bytes(), &secret);
        assert_eq!(key.accept_signed(&encrypt(&secret)).unwrap().bytes(), &secret);

        for (secret, token, expect) in [
            (encrypt(&secret), encrypt(b"fake"), KeyError::Token),
            (encrypt(&secret), vec![3; 128], KeyError::Token),
            (encrypt(&secret[..15]), encrypt(b"toke"), KeyError::SecretLength),
            (encrypt(&secret), vec![3; 5], KeyError::Decrypt),
            (vec![], encrypt(b"toke"), KeyError::Decrypt),
        ] {
            assert_eq!(key.accept(&secret, &token, b"toke").unwrap_err(), expect);
        }
    }

    #[test]
    fn keys_differ_and_are_as_long_as_clients_expect() {
        let [one, other] = [(); 2].map(|()| ServerKey::generate().unwrap());
        assert_ne!(one.public_der(), other.public_der());
        assert_eq!(
            one.public_der().len(),
            162,
            "an RSA key of 1,024 bits with exponent 65537"
        );
    }
}
