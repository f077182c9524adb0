// Runs a command that must leave the settings of I2C adapters alone:
//   without_adapter_settings COMMAND [ARGUMENT...]
// ioctl(I2C_TIMEOUT) and ioctl(I2C_RETRIES) change the adapter for every program on the machine, and stay.
// Whoever calls one of them below this program is killed with SIGSYS. Source: seccomp(2).
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>

#include <linux/filter.h>
#include <linux/i2c-dev.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char** argv)
{
    if (argc < 2) {
        std::fputs("usage: without_adapter_settings COMMAND [ARGUMENT...]\n", stderr);
        return 64;
    }
    // The request is the low word of the second argument, on machines with the low byte first.
    sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, 4),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[1])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, I2C_TIMEOUT, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, I2C_RETRIES, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const sock_fprog filter{sizeof rules / sizeof *rules, rules};
    // Without new privileges, or for root: but tests become other users, and programs of these need none.
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) {
        std::fprintf(stderr, "without_adapter_settings: no filter for system calls here: %s\n",
                     std::strerror(errno));
        return 71;
    }
    execvp(argv[1], argv + 1);
    std::fprintf(stderr, "without_adapter_settings: cannot run %s: %s\n", argv[1], std::strerror(errno));
    return 69;
}
