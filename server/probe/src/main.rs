//! The program: it starts from the kernel's own stack, without a C library.
#![no_std]
#![no_main]
#![expect(unsafe_code, reason = "the first steps of a process, before there is anything safe to stand on")]

use core::{
    arch::global_asm,
    ffi::{CStr, c_char},
    panic::PanicInfo,
};

use skep_probe::{drain, exec::exit, lease};

mod memory;

// The kernel leaves the argument count, the arguments and the environment on the stack
// (System V ABI, "Process Initialization").
#[cfg(target_arch = "x86_64")]
global_asm!(
    ".globl _start",
    "_start:",
    "xor ebp, ebp",
    "mov rdi, rsp",
    "and rsp, -16",
    "call {begin}",
    "ud2",
    begin = sym begin
);
#[cfg(target_arch = "aarch64")]
global_asm!(".globl _start", "_start:", "mov x29, #0", "mov x0, sp", "bl {begin}", "brk #1", begin = sym begin);

/// More arguments than this have no place.
const MOST: usize = 80;

extern "C" fn begin(stack: *const usize) -> ! {
    let mut arguments: [&CStr; MOST] = [c""; MOST];
    // SAFETY: `stack` is the initial stack: the count, that many pointers to C strings that live as
    // long as the process, a null, then the environment in the same form.
    let (count, environment) = unsafe {
        let count = *stack;
        let pointers = stack.add(1).cast::<*const c_char>();
        for (index, argument) in arguments.iter_mut().enumerate().take(count) {
            *argument = CStr::from_ptr(*pointers.add(index));
        }
        (count, pointers.add(count + 1).cast::<*const u8>())
    };
    let known = arguments.get(1..count.min(MOST)).unwrap_or_default();
    // SAFETY: nothing in this program closes its standard output.
    let output = unsafe { rustix::stdio::stdout() };
    if let Some(asked) = lease::parse(known) {
        let program = arguments.get(asked.before).copied().unwrap_or_default();
        // SAFETY: there are that many words before the program's, and a null behind the last.
        let words = unsafe { stack.add(1 + asked.before).cast::<*const u8>() };
        if let Err(why) = lease::run(asked.folders, program, words, environment, output) {
            why.say(output);
        }
        // Who starts containers says so of a program that is not there.
        exit(127);
    }
    if let Some(asked) = drain::parse(known) {
        let program = arguments.get(asked.before).copied().unwrap_or_default();
        // SAFETY: there are that many words before the program's, and a null behind the last.
        let words = unsafe { stack.add(1 + asked.before).cast::<*const u8>() };
        let Err(why) = drain::run(&asked, program, words, environment);
        why.say(output);
        exit(127);
    }
    // The first is the program's own name. Docker knows 0, healthy, and 1, not.
    match skep_probe::run(known, environment) {
        Ok(()) => exit(0),
        Err(why) => {
            why.say(output);
            exit(1)
        }
    }
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    exit(1)
}
