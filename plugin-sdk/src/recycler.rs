//! The component's allocator. A hook call makes and drops a few small blocks, strings for the most part, and the next call makes the
//! same again: those are kept by size and handed out at once, where the system's allocator would look for a place each time.

#![allow(
    unsafe_code,
    reason = "an allocator deals in raw memory; there is no other way to be one"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ptr;

/// Blocks are of a multiple of this many bytes, which is also what they are aligned to.
const STEP: usize = 16;

/// Largest block that is kept: host names are shorter, and what is longer is rare.
const LARGEST: usize = 256;

#[global_allocator]
static ALLOCATOR: Recycler = Recycler {
    kept: [const { Cell::new(ptr::null_mut()) }; LARGEST / STEP],
};

/// For each size, the blocks that nobody uses. Memory kept for one size serves no other: as much as was ever in use at a time.
struct Recycler {
    kept: [Cell<*mut Kept>; LARGEST / STEP],
}

/// A block that nobody uses; it is at least [`STEP`] bytes long.
struct Kept {
    next: *mut Kept,
}

// SAFETY: a component for WASI 0.2 has one thread.
unsafe impl Sync for Recycler {}

impl Recycler {
    /// Where blocks that serve this layout are kept; none where it is too large, or aligned to more.
    fn kept(&self, layout: Layout) -> Option<&Cell<*mut Kept>> {
        if layout.align() > STEP {
            return None;
        }
        // Layouts given to an allocator are not empty.
        self.kept.get(layout.size().wrapping_sub(1) / STEP)
    }
}

/// The layout that blocks for this one have.
fn rounded(layout: Layout) -> Layout {
    let size = layout.size().next_multiple_of(STEP);
    // SAFETY: the alignment is a power of two, and the size at most `LARGEST`.
    unsafe { Layout::from_size_align_unchecked(size, STEP) }
}

// SAFETY: every block comes from `System` with a layout that follows from the caller's by `kept` and `rounded` alone, so a caller who
// names the same layout again, as the contract demands, names the same kind of block. A kept block is on one list, once.
unsafe impl GlobalAlloc for Recycler {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let Some(kept) = self.kept(layout) else {
            // SAFETY: the caller's own promise.
            return unsafe { System.alloc(layout) };
        };
        let block = kept.get();
        if block.is_null() {
            // SAFETY: a rounded layout is not empty.
            return unsafe { System.alloc(rounded(layout)) };
        }
        // SAFETY: blocks on the list are valid, and nobody else uses them.
        kept.set(unsafe { (*block).next });
        block.cast()
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let Some(kept) = self.kept(layout) else {
            // SAFETY: the caller's own promise; `alloc` gave it to `System` as well.
            return unsafe { System.dealloc(block, layout) };
        };
        let block = block.cast::<Kept>();
        // SAFETY: the block is at least `STEP` bytes long and aligned to as many, and nobody uses it any more.
        unsafe { block.write(Kept { next: kept.get() }) };
        kept.set(block);
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller promises that the new size, rounded up to the alignment, is no overflow.
        let wanted = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
        match (self.kept(layout), self.kept(wanted)) {
            (None, None) => {
                // SAFETY: the caller's own promise; `alloc` gave it to `System` as well.
                unsafe { System.realloc(block, layout, new_size) }
            }
            (Some(from), Some(to)) if ptr::eq(from, to) => block,
            _ => {
                // SAFETY: `wanted` is a valid layout; both blocks are at least as long as what is copied, and are not the same.
                unsafe {
                    let moved = self.alloc(wanted);
                    if !moved.is_null() {
                        ptr::copy_nonoverlapping(block, moved, layout.size().min(new_size));
                        self.dealloc(block, layout);
                    }
                    moved
                }
            }
        }
    }
}
