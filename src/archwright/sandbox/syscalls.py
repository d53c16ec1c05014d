"""The numbers of the system calls that the filter knows, for each architecture; data only, see `seccomp`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """One architecture's system calls, by purpose."""

    architecture: int
    """AUDIT_ARCH_* of the kernel."""
    refused: tuple[int, ...]
    """Nothing a network has a use for, whatever the arguments."""
    clone: int
    clone3: int
    openat2: int
    mmap: int
    prctl: int
    prlimit: int
    fcntl: int
    ioctl: int
    sendto: int
    opens: tuple[tuple[int, int], ...]
    """Calls that open a file by name, and which argument holds the flags."""
    signals: tuple[int, ...]
    """Calls whose first argument is the process they send a signal to."""
    socket: int
    driver: tuple[int, ...]
    """Refused calls that NVIDIA's driver cannot do without (`sandbox.cuda`)."""


NEWEST = 469
"""The last call that was looked at (file_setattr, Linux 6.17); the numbers are common to all from 424 on."""

# fmt: off
TABLES = {
    "x86_64": Table(
        0xC000003E,
        (
            41, 53, 42, 49, 50, 43, 288,  # socket socketpair connect bind listen accept accept4
            46, 307, 54,  # sendmsg sendmmsg setsockopt
            59, 322, 57, 58,  # execve execveat fork vfork
            90, 91, 268, 452, 92, 93, 94, 260,  # chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat
            132, 235, 280, 261,  # utime utimes utimensat futimesat
            188, 189, 190, 197, 198, 199, 463, 466, 469,  # setxattr ... removexattrat file_setattr
            76, 162, 306,  # truncate sync syncfs
            319, 447, 323,  # memfd_create memfd_secret userfaultfd
            425, 426, 427, 206, 207, 208, 209, 210, 333,  # io_uring, asynchronous I/O
            101, 310, 311, 312, 440, 438, 448, 274,  # ptrace process_vm_* kcmp process_madvise pidfd_getfd ...
            321, 298, 250, 248, 249, 460,  # bpf perf_event_open keyctl add_key request_key lsm_set_self_attr
            165, 166, 155, 161, 429, 428, 430, 431, 432, 433, 442, 467,  # mount ... open_tree_attr, chroot, pivot_root
            308, 272, 246, 320, 175, 313, 176, 169, 167, 168, 163, 179, 443,  # setns unshare kexec modules reboot ...
            164, 227, 159, 305,  # clocks
            304, 303, 135, 300, 253, 294, 212, 103, 153, 170, 171, 172, 173, 154, 134,  # handles personality watches
            105, 106, 113, 114, 117, 119, 116, 122, 123, 126,  # set*id, capset
            129, 297, 424, 434,  # rt_sigqueueinfo rt_tgsigqueueinfo pidfd_send_signal pidfd_open
            29, 30, 31, 68, 69, 70, 71, 64, 65, 66, 220, 240, 241,  # shared memory, message queues, semaphores
            133, 259, 86, 265, 88, 266,  # mknod mknodat link linkat symlink symlinkat
            203, 141, 144, 314, 142, 251, 237, 256, 279, 238, 109, 112,  # scheduling, memory policy, setpgid, setsid
            317, 278, 276, 275,  # seccomp vmsplice tee splice
        ),
        clone=56, clone3=435, openat2=437, mmap=9, prctl=157, prlimit=302, fcntl=72, ioctl=16, sendto=44,
        opens=((2, 1), (257, 2)), signals=(62, 200, 234),
        socket=41, driver=(53, 49, 50, 319, 46, 54),  # socketpair bind listen memfd_create sendmsg setsockopt
    ),
    "aarch64": Table(
        0xC00000B7,
        (
            198, 199, 203, 200, 201, 202, 242,
            211, 269, 208,
            221, 281,
            52, 53, 452, 55, 54,
            88,
            5, 6, 7, 14, 15, 16, 463, 466, 469,
            45, 81, 267,
            279, 447, 282,
            425, 426, 427, 0, 1, 2, 3, 4, 292,
            117, 270, 271, 272, 440, 438, 448, 100,
            280, 241, 219, 217, 218, 460,
            40, 39, 41, 51, 429, 428, 430, 431, 432, 433, 442, 467,
            268, 97, 104, 294, 105, 273, 106, 142, 224, 225, 89, 60, 443,
            170, 112, 171, 266,
            265, 264, 92, 262, 26, 18, 116, 58, 161, 162, 42,
            146, 144, 145, 143, 147, 149, 159, 151, 152, 91,
            138, 240, 424, 434,
            194, 195, 196, 186, 187, 188, 189, 190, 191, 192, 193, 180, 181,
            33, 37, 36,
            122, 140, 119, 274, 118, 30, 235, 238, 239, 237, 154, 157,
            277, 75, 77, 76,
        ),
        clone=220, clone3=435, openat2=437, mmap=222, prctl=167, prlimit=261, fcntl=25, ioctl=29, sendto=206,
        opens=((56, 2),), signals=(129, 130, 131),
        socket=198, driver=(199, 200, 201, 279, 211, 208),
    ),
}
# fmt: on
