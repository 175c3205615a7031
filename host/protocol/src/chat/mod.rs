//! What players say: chat and commands with their signatures, and the count of messages seen that goes with them.
//! <https://minecraft.wiki/w/Java_Edition_protocol/Chat>
//!
//! Only the text and the count are read; signatures and what they cover are bytes that pass as they are. A signed text cannot
//! be changed: the server would throw its author out.

mod acknowledgement;
mod line;

pub use acknowledgement::{Acknowledgement, Acknowledgements, WINDOW};
pub use line::{Line, MAX_CHARS, SignedText};
