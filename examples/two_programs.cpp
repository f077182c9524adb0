// Two programs read one ADS1115, each its own input, as fast as they can: first the way most programs do it,
// then in sessions. Each reading is three steps (start, wait, fetch), and the chip has one result register.
// Without a session a program fetches, every now and then, what the other one has started: a valid voltage of
// the wrong input, and no error.
#include "device_program.hpp"
#include "one_reader.hpp"
#include "started_program.hpp"

#include <command_line.hpp>
#include <utf8.hpp>

#include <resourcelock/i2c_bus.hpp>
#include <resourcelock/sim_control.hpp>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include <unistd.h>

namespace {

using namespace resourcelock;
using seconds = std::chrono::duration<double>;

struct tally {
    long right = 0;
    long wrong = 0;   // readings of the other program's input
    long neither = 0; // readings of no input we know
    long errors = 0;
};

tally judge(const report& result, int own, int others)
{
    tally sum{.errors = result.errors};
    const int tolerance = std::abs(own - others) / 4;
    for (const auto& [code, count] : result.readings) {
        if (std::abs(code - own) <= tolerance)
            sum.right += count;
        else if (std::abs(code - others) <= tolerance)
            sum.wrong += count;
        else
            sum.neither += count;
    }
    return sum;
}

/// Runs both programs at once. Returns what they did, added up.
tally run_both(const task& asked, const std::array<int, 2>& codes, bool in_sessions)
{
    const auto arguments = [&](int input) {
        std::vector<std::string> words{"--bus",     asked.bus,
                                       "--seconds", std::to_string(asked.duration.count()),
                                       "--input",   std::to_string(input),
                                       "--log",     asked.logs};
        if (!in_sessions)
            words.emplace_back("--no-session");
        return words;
    };
    std::printf("Two programs %s a session, %g s ...\n", in_sessions ? "with" : "without",
                asked.duration.count());
    std::fflush(stdout);

    pipe_ends start;
    std::array<started_program, 2> programs{started_program{arguments(inputs[0]), start},
                                            started_program{arguments(inputs[1]), start}};
    for (auto& each : programs)
        each.line(); // ready
    start.close_writer();

    tally sum;
    for (std::size_t i = 0; i < programs.size(); ++i) {
        const auto result = nlohmann::json::parse(programs.at(i).line()).get<report>();
        const auto [right, wrong, neither, errors] = judge(result, codes.at(i), codes.at(1 - i));
        std::printf("  program %zu: %ld right, %ld wrong, %ld neither, %ld errors%s%s\n", i + 1, right, wrong,
                    neither, errors, errors > 0 ? "; the first: " : "",
                    printable(result.first_error).c_str());
        sum.right += right;
        sum.wrong += wrong;
        sum.neither += neither;
        sum.errors += errors;
    }
    return sum;
}

/// What an input really reads: the middle of some readings that nobody disturbs.
int undisturbed(i2c_bus& bus, int input)
{
    auto session = bus.session();
    std::array<int, 9> codes{};
    for (auto& code : codes)
        code = read_input(session, input);
    std::ranges::sort(codes);
    return codes[codes.size() / 2];
}

void run_job(const task& asked)
{
    i2c_bus bus{asked.bus};
    const std::array<int, 2> codes{undisturbed(bus, inputs[0]), undisturbed(bus, inputs[1])};
    std::printf("The ADS1115 on %s reads %.3f V on AIN%d and %.3f V on AIN%d when nobody disturbs.\n",
                bus.name().c_str(), codes[0] * volts_per_bit, inputs[0], codes[1] * volts_per_bit, inputs[1]);
    if (std::abs(codes[0] - codes[1]) * volts_per_bit < 0.05)
        throw std::runtime_error{
            "these two voltages cannot be told apart; connect different ones to AIN0 and AIN1"};

    const auto without = run_both(asked, codes, false);
    const auto with = run_both(asked, codes, true);
    std::printf("without session: %ld readings, %ld wrong\n", without.right + without.wrong, without.wrong);
    std::printf("with session: %ld readings, %ld wrong\n", with.right + with.wrong, with.wrong);
    flush_output();
    if (without.wrong == 0 || with.wrong != 0 || with.right < enough_readings)
        throw std::runtime_error{
            "expected wrong readings without a session, and 100 or more, none wrong, with one"};
}

/// A simulated bus for this run alone; its files go with it.
class own_bus {
public:
    own_bus() = default;
    own_bus(const own_bus&) = delete;
    own_bus& operator=(const own_bus&) = delete;
    ~own_bus()
    {
        try {
            sim_control::remove(name_);
        } catch (const std::system_error& error) {
            std::fprintf(stderr, "two_programs: %s\n", error.what());
        }
    }

    [[nodiscard]] const std::string& name() const { return name_; }

private:
    std::string name_ = "sim:two-programs-" + std::to_string(getpid());
};

void run_job_on_a_bus(task asked)
{
    struct sigaction end {};
    end.sa_handler = [](int) { started_program::end_waiting(); };
    sigaction(SIGINT, &end, nullptr);
    sigaction(SIGTERM, &end, nullptr);
    if (!asked.bus.empty())
        return run_job(asked);
    const own_bus simulated;
    asked.bus = simulated.name();
    run_job(asked);
}

} // namespace

int main(int argc, char** argv)
{
    constexpr auto program_name = "two_programs";
    try {
        CLI::App app{"Shows two programs that share one ADS1115, without and with sessions.", program_name};
        task asked;
        double duration = asked.duration.count();
        int input = -1;
        bool no_session = false;
        app.add_option("--bus", asked.bus,
                       "1, /dev/i2c-1, ... with voltages on AIN0 and AIN1; default: a simulated bus")
            ->type_name("BUS");
        app.add_option("--seconds", duration, "how long each of the two parts takes")->capture_default_str();
        app.add_option(
               "--log", asked.logs,
               "a folder for program-1.log and program-2.log, which `resourcelock NAME timeline` draws; "
               "without a session program-1-no-session.log ...")
            ->type_name("DIR");
        auto* const input_option =
            app.add_option("--input", input, "be one of the two programs: read this input, and report")
                ->check(CLI::Range(0, 3))
                ->needs("--bus");
        app.add_flag("--no-session", no_session, "and do so without a session")->needs(input_option);
        app.callback([&] {
            if (!(duration >= 0.1 && duration <= 3600))
                throw CLI::ValidationError{"--seconds must be 0.1 to 3600"};
            asked.duration = seconds{duration};
        });
        app.footer("Exit codes: 0 as expected (wrong readings without sessions, none with them), 1 not, 64 "
                   "wrong usage.");
        if (const auto exit_code = cli::parse(app, argc, argv))
            return *exit_code;
        if (input_option->count() > 0)
            be_one_program(asked, input, !no_session);
        else
            run_job_on_a_bus(asked);
        return 0;
    } catch (const std::exception& error) {
        return cli::fail(program_name, error.what(), 1);
    }
}
