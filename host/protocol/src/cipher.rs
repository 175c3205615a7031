//! AES-128 in CFB8 mode: what both directions of an encrypted connection are sent through, one byte after the other, from the
//! encryption response on. <https://minecraft.wiki/w/Java_Edition_protocol/Encryption>
//!
//! Each byte needs a block of AES whose input ends with the ciphertext byte before it. Encrypting is therefore bound by the
//! latency of one block; decrypting knows all inputs beforehand and runs many blocks at once.

use aes::{
    Aes128Enc, Block,
    cipher::{
        BlockCipherEncBackend, BlockCipherEncClosure, BlockCipherEncrypt, BlockSizeUser, KeyInit, ParBlocks,
        array::Array, consts::U16, typenum::Unsigned,
    },
};

/// Bytes of the secret that client and server share: key and first block in one.
pub const SECRET_BYTES: usize = 16;

/// The secret that a client chose for its connection. Not shown by `Debug`.
#[derive(Clone)]
pub struct Secret([u8; SECRET_BYTES]);

impl Secret {
    /// A secret of these bytes.
    pub fn new(bytes: [u8; SECRET_BYTES]) -> Self {
        Self(bytes)
    }

    /// Its bytes, for the server hash and an encryption response.
    pub fn bytes(&self) -> &[u8; SECRET_BYTES] {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// One direction that is being sent.
pub struct Encryptor(Stream);

impl Encryptor {
    /// A stream that starts now.
    pub fn new(secret: &Secret) -> Self {
        Self(Stream::new(secret))
    }

    /// Encrypts the stream's next bytes in place.
    pub fn encrypt(&mut self, bytes: &mut [u8]) {
        let Stream { aes, register } = &mut self.0;
        aes.encrypt_with_backend(Encrypt { register, bytes });
    }
}

/// One direction that is being received.
pub struct Decryptor(Stream);

impl Decryptor {
    /// A stream that starts now.
    pub fn new(secret: &Secret) -> Self {
        Self(Stream::new(secret))
    }

    /// Decrypts the stream's next bytes in place.
    pub fn decrypt(&mut self, bytes: &mut [u8]) {
        let Stream { aes, register } = &mut self.0;
        aes.encrypt_with_backend(Decrypt { register, bytes });
    }
}

/// The cipher and the last sixteen bytes of ciphertext, the oldest in the highest place.
struct Stream {
    aes: Aes128Enc,
    register: u128,
}

impl Stream {
    fn new(secret: &Secret) -> Self {
        Self {
            aes: Aes128Enc::new(&Array(secret.0)),
            register: u128::from_be_bytes(secret.0),
        }
    }
}

fn block(register: u128) -> Block {
    Array(register.to_be_bytes())
}

fn shift_in(register: &mut u128, ciphertext: u8) {
    *register = *register << 8 | u128::from(ciphertext);
}

/// Runs inside the cipher's own function, so that its instructions are inlined into the loop.
struct Encrypt<'a> {
    register: &'a mut u128,
    bytes: &'a mut [u8],
}

impl BlockSizeUser for Encrypt<'_> {
    type BlockSize = U16;
}

impl BlockCipherEncClosure for Encrypt<'_> {
    #[inline(always)]
    fn call<B: BlockCipherEncBackend<BlockSize = U16>>(self, backend: &B) {
        let mut register = *self.register;
        for byte in self.bytes {
            *byte ^= key_byte(backend, register);
            shift_in(&mut register, *byte);
        }
        *self.register = register;
    }
}

struct Decrypt<'a> {
    register: &'a mut u128,
    bytes: &'a mut [u8],
}

impl BlockSizeUser for Decrypt<'_> {
    type BlockSize = U16;
}

impl BlockCipherEncClosure for Decrypt<'_> {
    #[inline(always)]
    fn call<B: BlockCipherEncBackend<BlockSize = U16>>(self, backend: &B) {
        let mut register = *self.register;
        let mut chunks = self.bytes.chunks_exact_mut(B::ParBlocksSize::USIZE);
        for chunk in &mut chunks {
            let mut blocks = ParBlocks::<B>::default();
            for (input, byte) in blocks.iter_mut().zip(chunk.iter()) {
                *input = block(register);
                shift_in(&mut register, *byte);
            }
            backend.encrypt_par_blocks_inplace(&mut blocks);
            for (byte, Array([key, ..])) in chunk.iter_mut().zip(&blocks) {
                *byte ^= key;
            }
        }
        for byte in chunks.into_remainder() {
            let key = key_byte(backend, register);
            shift_in(&mut register, *byte);
            *byte ^= key;
        }
        *self.register = register;
    }
}

#[inline(always)]
fn key_byte<B: BlockCipherEncBackend<BlockSize = U16>>(backend: &B, register: u128) -> u8 {
    let mut block = block(register);
    backend.encrypt_block_inplace(&mut block);
    let Array([key, ..]) = block;
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NIST SP 800-38A, F.3.7: CFB8-AES128, with a key and a first block that differ.
    #[test]
    fn it_is_cfb8_as_the_standard_shows_it() {
        let key = [
            0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6, 0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c,
        ];
        let first = u128::from_be_bytes(std::array::from_fn(|at| at as u8));
        let plain = [
            0x6b, 0xc1, 0xbe, 0xe2, 0x2e, 0x40, 0x9f, 0x96, 0xe9, 0x3d, 0x7e, 0x11, 0x73, 0x93, 0x17, 0x2a, 0xae, 0x2d,
        ];
        let expect = [
            0x3b, 0x79, 0x42, 0x4c, 0x9c, 0x0d, 0xd4, 0x36, 0xba, 0xce, 0x9e, 0x0e, 0xd4, 0x58, 0x6a, 0x4f, 0x32, 0xb9,
        ];
        let stream = || Stream {
            register: first,
            ..Stream::new(&Secret::new(key))
        };
        let mut bytes = plain;
        Encryptor(stream()).encrypt(&mut bytes);
        assert_eq!(bytes, expect);
        Decryptor(stream()).decrypt(&mut bytes);
        assert_eq!(bytes, plain);
    }

    #[test]
    fn a_stream_may_be_cut_anywhere() {
        let secret = Secret::new([7; SECRET_BYTES]);
        let plain = (0..1_000_u32).map(|at| ((at * at) >> 3) as u8).collect::<Vec<_>>();
        let mut whole = plain.clone();
        Encryptor::new(&secret).encrypt(&mut whole);
        assert_ne!(whole, plain);
        for part in [1, 2, 7, 8, 31, 32, 33, 64, 65, 999, 1_000] {
            let mut bytes = plain.clone();
            let mut encryptor = Encryptor::new(&secret);
            bytes.chunks_mut(part).for_each(|part| encryptor.encrypt(part));
            assert_eq!(bytes, whole, "{part}");
            let mut decryptor = Decryptor::new(&secret);
            bytes.chunks_mut(part).for_each(|part| decryptor.decrypt(part));
            assert_eq!(bytes, plain, "{part}");
        }
    }

    #[test]
    fn a_secret_is_not_shown() {
        assert_eq!(format!("{:?}", Secret::new([7; SECRET_BYTES])), "Secret(..)");
    }
}
