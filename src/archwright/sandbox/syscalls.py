"""What a box may ask of the kernel: system calls with their numbers, data only; see `seccomp`.

The list is what Python, torch, numpy and the allocator were measured to call in the 36 seed networks. A new torch that
needs one more is a line here: `archwright doctor` names it.
"""

from collections.abc import Mapping

Numbers = tuple[int | None, int | None]
"""A call's number on x86-64 and on arm64; None where there is no such call."""

ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
"""Which of the numbers hold, and the kernel's AUDIT_ARCH_*."""
NEWEST = 469
"""The last call that was looked at (file_setattr, Linux 6.17); the numbers are common to all from 424 on."""

# fmt: off
ALLOWED: Mapping[str, Numbers] = {
    # files, by names and descriptors
    "read": (0, 63), "write": (1, 64), "readv": (19, 65), "writev": (20, 66), "pread64": (17, 67), "pwrite64": (18, 68),
    "lseek": (8, 62), "close": (3, 57), "close_range": (436, 436), "dup": (32, 23), "dup2": (33, None),
    "dup3": (292, 24), "stat": (4, None), "lstat": (6, None), "fstat": (5, 80), "newfstatat": (262, 79),
    "statx": (332, 291), "access": (21, None), "faccessat": (269, 48), "faccessat2": (439, 439),
    "getdents64": (217, 61), "getcwd": (79, 17), "chdir": (80, 49), "fchdir": (81, 50), "umask": (95, 166),
    # the scratch folder and the results
    "mkdir": (83, None), "mkdirat": (258, 34), "rmdir": (84, None), "unlink": (87, None), "unlinkat": (263, 35),
    "rename": (82, None), "renameat": (264, 38), "renameat2": (316, 276), "ftruncate": (77, 46),
    # memory
    "munmap": (11, 215), "mprotect": (10, 226), "mremap": (25, 216), "brk": (12, 214),
    # threads and the end
    "set_robust_list": (273, 99), "rseq": (334, 293), "set_tid_address": (218, 96), "gettid": (186, 178),
    "sched_yield": (24, 124), "getcpu": (309, 168), "exit": (60, 93), "exit_group": (231, 94),
    # who it is and what it has used
    "getpid": (39, 172), "getppid": (110, 173), "getuid": (102, 174), "geteuid": (107, 175), "getgid": (104, 176),
    "getegid": (108, 177), "uname": (63, 160), "times": (100, 153), "getrlimit": (97, 163), "setrlimit": (160, 164),
    # time and chance
    "nanosleep": (35, 101), "gettimeofday": (96, 169), "time": (201, None), "getrandom": (318, 278),
    "restart_syscall": (219, 128),
    "setitimer": (38, 103), "getitimer": (36, 102), "alarm": (37, None), "pause": (34, None),
    # its own signals
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139), "sigaltstack": (131, 132),
    # its channel
    "poll": (7, None), "ppoll": (271, 73), "select": (23, None), "pselect6": (270, 72), "recvfrom": (45, 207),
    "recvmsg": (47, 212), "getsockname": (51, 204),
}
CHECKED: Mapping[str, Numbers] = {
    "futex": (202, 98), "mmap": (9, 222), "madvise": (28, 233), "open": (2, None), "openat": (257, 56),
    "fcntl": (72, 25), "ioctl": (16, 29), "prctl": (157, 167), "arch_prctl": (158, None), "prlimit64": (302, 261),
    "sched_getaffinity": (204, 123), "clone": (56, 220), "kill": (62, 129), "tkill": (200, 130), "tgkill": (234, 131),
    "sendto": (44, 206), "getsockopt": (55, 209),
    "clock_gettime": (228, 113), "clock_getres": (229, 114), "clock_nanosleep": (230, 115),
}
"""Calls with harmless and harmful forms: the arguments decide."""
MISSING: Mapping[str, Numbers] = {"clone3": (435, 435), "openat2": (437, 437)}
"""Calls whose flags a filter cannot see: libc then uses the older ones."""

# NVIDIA's driver has not been measured: it may do everything but what a network has certainly no use for.
REFUSED_ON_GPU: Mapping[str, frozenset[int]] = {
    "x86_64": frozenset((
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
        73, 221, 187, 451, 191, 192, 193, 194, 195, 196, 464, 465,  # flock fadvise64 readahead cachestat xattr
    )),
    "aarch64": frozenset((
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
        32, 223, 213, 451, 8, 9, 10, 11, 12, 13, 464, 465,
    )),
}
DRIVER: Mapping[str, frozenset[int]] = {
    # socket socketpair bind listen memfd_create sendmsg setsockopt
    "x86_64": frozenset((41, 53, 49, 50, 319, 46, 54)),
    "aarch64": frozenset((198, 199, 200, 201, 279, 211, 208)),
}
"""What NVIDIA's driver cannot do without of these (`sandbox.cuda`)."""
SOCKET: Numbers = (41, 198)
# fmt: on
