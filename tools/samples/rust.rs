// SPDX-License-Identifier: MIT
//! Rust on hz3: a `#[global_allocator]` is a page of code. Rust knows the size
//! and alignment of what it frees, so they are passed on. With `--cfg own` the
//! program keeps the allocator that it would have had.
//! needs: !HZ3_OVERRIDE_LIBC

use std::alloc::{GlobalAlloc, Layout};
use std::collections::HashMap;
use std::os::raw::{c_int, c_void};
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

extern "C" {
    fn hz3_malloc(size: usize) -> *mut c_void;
    fn hz3_zalloc(size: usize) -> *mut c_void;
    fn hz3_realloc(ptr: *mut c_void, size: usize) -> *mut c_void;
    fn hz3_aligned_alloc(alignment: usize, size: usize) -> *mut c_void;
    fn hz3_free_sized(ptr: *mut c_void, size: usize);
    fn hz3_free_aligned_sized(ptr: *mut c_void, alignment: usize, size: usize);
    fn hz3_owns(ptr: *const c_void) -> c_int;
}

pub struct Hz3;

/// What every block has without being asked.
const ALIGNMENT: usize = 16;

unsafe impl GlobalAlloc for Hz3 {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() <= ALIGNMENT {
            hz3_malloc(layout.size()) as *mut u8
        } else {
            hz3_aligned_alloc(layout.align(), layout.size()) as *mut u8
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if layout.align() <= ALIGNMENT {
            return hz3_zalloc(layout.size()) as *mut u8;
        }
        let ptr = self.alloc(layout);
        if !ptr.is_null() {
            ptr.write_bytes(0, layout.size());
        }
        ptr
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        let ptr = ptr as *mut c_void;
        if layout.align() <= ALIGNMENT {
            hz3_free_sized(ptr, layout.size())
        } else {
            hz3_free_aligned_sized(ptr, layout.align(), layout.size())
        }
    }

    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if layout.align() <= ALIGNMENT {
            return hz3_realloc(ptr as *mut c_void, size) as *mut u8;
        }
        let new = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
        if !new.is_null() {
            ptr.copy_to_nonoverlapping(new, size.min(layout.size()));
            self.dealloc(ptr, layout);
        }
        new
    }
}

#[cfg(not(own))]
#[global_allocator]
static GLOBAL: Hz3 = Hz3;

#[repr(align(64))]
struct Line(u64);

/// Strings, maps and aligned vectors that one thread makes and another drops.
fn produce(out: mpsc::SyncSender<HashMap<u64, String>>) {
    for round in 0..50u64 {
        let mut lines = Vec::new();
        let mut map = HashMap::new();
        for i in 0..4000 {
            lines.push(Line(i));
            map.insert(i, "x".repeat(((i + round) % 300) as usize));
        }
        assert!(lines.iter().all(|line| line as *const Line as usize % 64 == 0));
        assert_eq!(lines.iter().map(|line| line.0).sum::<u64>(), 4000 * 3999 / 2);
        out.send(map).unwrap();
    }
}

fn work() {
    let (out, maps) = mpsc::sync_channel(8);
    for _ in 0..4 {
        let out = out.clone();
        thread::spawn(move || produce(out));
    }
    drop(out);
    assert_eq!(maps.iter().map(|map| map.len()).sum::<usize>(), 4 * 50 * 4000);
    assert_eq!(vec![0u8; 10 << 20].iter().map(|&b| b as u64).sum::<u64>(), 0);
}

fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn main() {
    let begin = Instant::now();
    let text = Box::new(0);
    let ours = unsafe { hz3_owns(&*text as *const i32 as *const c_void) };
    // Where the library replaces malloc(), Rust's own allocator is ours too.
    assert!(ours == 1 || cfg!(own));
    work();
    println!(
        "{:<16} {:8.1} ms {:8} KiB",
        if cfg!(own) { "Rust, own" } else { "Rust, hz3" },
        begin.elapsed().as_secs_f64() * 1e3,
        peak_kib()
    );
}
