// The boards' tests run where changing an adapter's settings is deadly (without_adapter_settings.cpp): shows
// that it is.
#include "board.hpp"

#include <csignal>

#include <fcntl.h>
#include <linux/i2c-dev.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

class settings : public board::fixture {
protected:
    static int signal_after(unsigned long request)
    {
        const pid_t other = fork();
        if (other == 0)
            _exit(ioctl(open("/dev/null", O_RDWR | O_CLOEXEC), request, 1));
        int status = 0;
        waitpid(other, &status, 0);
        return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    }
};

} // namespace

TEST_F(settings, of_the_adapter_for_all_programs_are_deadly_to_change)
{
    EXPECT_EQ(signal_after(I2C_TIMEOUT), SIGSYS);
    EXPECT_EQ(signal_after(I2C_RETRIES), SIGSYS);
    EXPECT_EQ(signal_after(I2C_FUNCS), 0);
}
