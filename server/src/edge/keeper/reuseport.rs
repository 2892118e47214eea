//! Which of several sockets at one port gets new connections: the kernel asks a program of one
//! instruction (SO_ATTACH_REUSEPORT_CBPF, socket(7)), which names it by its place in their list.

use std::os::fd::{AsFd, AsRawFd as _};

/// `return k`, in classic BPF.
const RETURN: u16 = 0x06;

/// From now on new connections to the port of `socket` go to the one at `place`. A place that is not
/// there: to any of them.
///
/// # Errors
/// The kernel's.
pub(super) fn choose(socket: &impl AsFd, place: u32) -> std::io::Result<()> {
    let mut program = [libc::sock_filter { code: RETURN, jt: 0, jf: 0, k: place }];
    let given = libc::sock_fprog { len: 1, filter: program.as_mut_ptr() };
    let size = libc::socklen_t::try_from(size_of_val(&given)).map_err(std::io::Error::other)?;
    #[expect(
        unsafe_code,
        reason = "no crate has this option; the kernel copies both structs, which outlive the call"
    )]
    let done = unsafe {
        libc::setsockopt(
            socket.as_fd().as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_ATTACH_REUSEPORT_CBPF,
            (&raw const given).cast(),
            size,
        )
    };
    if done == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
}
