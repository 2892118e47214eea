//! The four functions that the compiler calls by itself, which otherwise come with a C library.
#![expect(unsafe_code, reason = "the compiler's own contract is in raw pointers; its callers keep it")]

use core::ptr::{read_volatile, write_volatile};

// Volatile, so that the compiler does not find the very function in its loop and call it for ever.

/// memcpy(3)
#[unsafe(no_mangle)]
unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, count: usize) -> *mut u8 {
    for index in 0..count {
        // SAFETY: both have `count` bytes and do not overlap, says the caller.
        unsafe { write_volatile(to.add(index), read_volatile(from.add(index))) };
    }
    to
}

/// memmove(3)
#[unsafe(no_mangle)]
unsafe extern "C" fn memmove(to: *mut u8, from: *const u8, count: usize) -> *mut u8 {
    if (to as usize) <= from as usize {
        // SAFETY: as the caller's; forward never reads what it has written.
        return unsafe { memcpy(to, from, count) };
    }
    for index in (0..count).rev() {
        // SAFETY: both have `count` bytes, says the caller; backward never reads what it has written.
        unsafe { write_volatile(to.add(index), read_volatile(from.add(index))) };
    }
    to
}

/// memset(3)
#[unsafe(no_mangle)]
unsafe extern "C" fn memset(to: *mut u8, byte: i32, count: usize) -> *mut u8 {
    let [byte, ..] = byte.to_le_bytes();
    for index in 0..count {
        // SAFETY: it has `count` bytes, says the caller.
        unsafe { write_volatile(to.add(index), byte) };
    }
    to
}

/// memcmp(3)
#[unsafe(no_mangle)]
unsafe extern "C" fn memcmp(left: *const u8, right: *const u8, count: usize) -> i32 {
    for index in 0..count {
        // SAFETY: both have `count` bytes, says the caller.
        let (left, right) = unsafe { (read_volatile(left.add(index)), read_volatile(right.add(index))) };
        if left != right {
            return i32::from(left) - i32::from(right);
        }
    }
    0
}

/// bcmp(3)
#[unsafe(no_mangle)]
unsafe extern "C" fn bcmp(left: *const u8, right: *const u8, count: usize) -> i32 {
    // SAFETY: as the caller's.
    unsafe { memcmp(left, right, count) }
}

/// strlen(3)
#[unsafe(no_mangle)]
unsafe extern "C" fn strlen(text: *const u8) -> usize {
    let mut count = 0;
    // SAFETY: it ends with a zero, says the caller.
    while unsafe { read_volatile(text.add(count)) } != 0 {
        count += 1;
    }
    count
}
