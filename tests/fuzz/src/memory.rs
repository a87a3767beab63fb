//! Memory that is not given in large pieces: whoever asks for one because a file says so is found out.

use std::alloc::{GlobalAlloc, Layout, System};

/// The inputs are a few kilobytes, and nothing that is read from one needs more than this at once. (libFuzzer's own
/// `-malloc_limit_mb` works with a sanitizer alone, and those with nightly compilers alone.)
const MOST: usize = 64 << 20;

/// The system's allocator up to [`MOST`].
pub(crate) struct Limited;

fn check(bytes: usize) {
    if bytes > MOST {
        // No panic: that would ask for memory itself, and somebody may catch it.
        eprintln!("{bytes} bytes were asked for at once");
        std::process::abort();
    }
}

// SAFETY: the system's allocator does all the work.
unsafe impl GlobalAlloc for Limited {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        check(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        check(layout.size());
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        check(size);
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}
