//! Which of several sockets at one port gets new connections: the kernel asks a program of one
//! instruction (SO_ATTACH_REUSEPORT_CBPF, socket(7)), which names it by its place in their list. And whether it
//! takes any: another one, on the socket itself, drops what comes (SO_ATTACH_FILTER), and whoever knocks
//! knocks again (RFC 9293, 3.8.1).

use std::os::fd::{AsFd, AsRawFd as _};

/// `return k`, in classic BPF.
const RETURN: u16 = 0x06;

/// From now on new connections to the port of `socket` go to the one at `place`. A place that is not
/// there: to any of them.
///
/// # Errors
/// The kernel's.
pub(super) fn choose(socket: &impl AsFd, place: u32) -> std::io::Result<()> {
    attach(socket, libc::SO_ATTACH_REUSEPORT_CBPF, place)
}

/// Lets new connections to a listening socket in, or leaves them before the door.
///
/// # Errors
/// The kernel's.
pub(super) fn door(socket: &impl AsFd, open: bool) -> std::io::Result<()> {
    if !open {
        return attach(socket, libc::SO_ATTACH_FILTER, 0);
    }
    match set(socket, libc::SO_DETACH_FILTER, &0_i32) {
        // There is none.
        Err(error) if error.raw_os_error() == Some(libc::ENOENT) => Ok(()),
        done => done,
    }
}

/// Gives the kernel a program that always says `value`.
fn attach(socket: &impl AsFd, option: i32, value: u32) -> std::io::Result<()> {
    let mut program = [libc::sock_filter { code: RETURN, jt: 0, jf: 0, k: value }];
    set(socket, option, &libc::sock_fprog { len: 1, filter: program.as_mut_ptr() })
}

fn set<T>(socket: &impl AsFd, option: i32, value: &T) -> std::io::Result<()> {
    let size = libc::socklen_t::try_from(size_of_val(value)).map_err(std::io::Error::other)?;
    #[expect(
        unsafe_code,
        reason = "no crate has these options; the kernel copies what is given, which outlives the call"
    )]
    let done = unsafe {
        libc::setsockopt(
            socket.as_fd().as_raw_fd(),
            libc::SOL_SOCKET,
            option,
            std::ptr::from_ref(value).cast(),
            size,
        )
    };
    if done == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
}
