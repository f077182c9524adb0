#include "script.hpp"

#include <resourcelock/i2c_errc.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <optional>
#include <sstream>

namespace resourcelock::script {

namespace {

constexpr std::string_view any_byte = "xx";
constexpr std::string_view reads_block = "rb"; // its length is the device's to tell

[[noreturn]] void refuse(std::size_t line, const std::string& why)
{
    throw std::system_error{make_error_code(i2c_errc::bad_argument),
                            "line " + std::to_string(line) + " of the script: " + why};
}

std::string in_hex(unsigned value, const char* format)
{
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), format, value);
    return text.data();
}

std::string address_of(const i2c_message& message)
{
    auto text = in_hex(static_cast<unsigned>(message.address().value()), "0x%02x");
    if (message.address().is_ten_bit())
        text += "/10";
    if (message.flags() != 0)
        text += in_hex(message.flags(), "/%04x");
    return text;
}

std::optional<unsigned> hex(std::string_view text)
{
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    return whole ? std::optional{value} : std::nullopt;
}

std::string lower(std::string_view text)
{
    std::string result{text};
    for (auto& c : result)
        if (c >= 'A' && c <= 'F')
            c = static_cast<char>(c - 'A' + 'a');
    return result;
}

bool is_byte(std::string_view word) { return word == any_byte || (word.size() == 2 && hex(word)); }

/// As address_of() writes it; nothing for what is no address.
std::optional<std::string> normal_address(std::string_view word)
{
    if (!word.starts_with("0x"))
        return std::nullopt;
    const auto slash = std::min(word.find('/'), word.size());
    const auto rest = word.substr(slash);
    const bool ten_bit = rest == "/10" || rest.starts_with("/10/");
    const auto flags = rest.substr(ten_bit ? 3 : 0);
    if (!flags.empty() && (flags.size() != 5 || !hex(flags.substr(1))))
        return std::nullopt;
    const auto number = hex(word.substr(2, slash - 2));
    if (!number)
        return std::nullopt;
    if (*number > (ten_bit ? 0x3ffU : 0x7fU))
        return std::nullopt;
    return in_hex(*number, "0x%02x") + lower(rest);
}

/// By name or number; 0 for what is none.
int errno_called(std::string_view name)
{
    constexpr int highest = 4095; // MAX_ERRNO of the kernel
    for (int error = 1; error <= highest; ++error)
        if (name == name_of_errno(error) || name == std::to_string(error))
            return error;
    return 0;
}

words words_of(std::string_view line)
{
    std::istringstream stream{std::string{line.substr(0, line.find('#'))}};
    words found;
    for (std::string word; stream >> word;)
        found.push_back(word);
    return found;
}

/// Takes "! ERRNO" off the end.
int take_error(words& line, std::size_t number)
{
    const auto mark = std::ranges::find(line, "!");
    if (mark == line.end())
        return 0;
    const int error = line.end() - mark == 2 ? errno_called(mark[1]) : 0;
    if (error == 0)
        refuse(number, "after '!' comes an errno, such as EREMOTEIO or 121, and nothing else");
    line.erase(mark, line.end());
    return error;
}

/// w or r, an address, bytes; the next message after a ';'. Writes all of it as request() does.
void normalise(words& transaction, std::size_t number)
{
    enum class place { direction, address, bytes } next = place::direction;
    for (auto& word : transaction) {
        const auto address = normal_address(word);
        if (next == place::direction && (word == "w" || word == "r" || word == reads_block)) {
            next = place::address;
        } else if (next == place::address && address) {
            word = *address;
            next = place::bytes;
        } else if (next == place::bytes && word == ";") {
            next = place::direction;
        } else if (next == place::bytes && is_byte(word)) {
            word = lower(word);
        } else {
            refuse(number, "'" + word +
                               "' is not expected here; a transaction is 'w 0x44 24 00' or "
                               "'w 0x76 d0 ; r 0x76 60', an error behind it '! EREMOTEIO'");
        }
    }
    if (next != place::bytes)
        refuse(number, "the transaction ends too early");
}

std::span<const std::uint8_t> shown_bytes(const i2c_message& message, bool known)
{
    const auto bytes = message.bytes();
    if (!message.device_tells_length())
        return bytes;
    return bytes.first(known ? std::min<std::size_t>(1U + bytes[0], bytes.size()) : 0);
}

/// The words of the messages; bytes that were read only where they are wanted.
words words_of(std::span<const i2c_message> messages, bool with_answer)
{
    words result;
    for (const auto& message : messages) {
        if (!result.empty())
            result.emplace_back(";");
        result.emplace_back(message.device_tells_length() ? reads_block : message.is_read() ? "r" : "w");
        result.push_back(address_of(message));
        const bool known = !message.is_read() || with_answer;
        for (const auto byte : shown_bytes(message, known))
            result.push_back(known ? in_hex(byte, "%02x") : std::string{any_byte});
    }
    return result;
}

} // namespace

std::vector<step> parse(std::string_view text)
{
    std::vector<step> steps;
    std::size_t session = 0;
    std::size_t number = 0;
    std::istringstream lines{std::string{text}};
    for (std::string line; std::getline(lines, line);) {
        auto found = words_of(line);
        ++number;
        if (found.empty())
            continue;
        if (found == words{"session", "{"} && session == 0) {
            session = number;
        } else if (found == words{"}"} && session != 0) {
            session = 0;
        } else {
            const int error = take_error(found, number);
            normalise(found, number);
            steps.push_back({number, std::move(found), error, session});
        }
    }
    if (session != 0)
        refuse(session, "this session is not closed with '}'");
    return steps;
}

words request(std::span<const i2c_message> messages) { return words_of(messages, false); }

words request_and_answer(std::span<const i2c_message> messages) { return words_of(messages, true); }

bool fits(const step& expected, const words& requested)
{
    const auto same = [](const std::string& one, const std::string& other) {
        return one == other || (is_byte(one) && is_byte(other) && (one == any_byte || other == any_byte));
    };
    auto word = expected.transaction.begin();
    const auto end = expected.transaction.end();
    bool in_block = false;
    for (const auto& asked : requested) {
        while (in_block && word != end && is_byte(*word))
            ++word; // as many as the device likes
        if (word == end || !same(*word, asked))
            return false;
        in_block = word != expected.transaction.begin() && *std::prev(word) == reads_block;
        ++word;
    }
    while (in_block && word != end && is_byte(*word))
        ++word;
    return word == end;
}

void answer(const step& given, std::span<const i2c_message> messages)
{
    auto word = given.transaction.begin();
    for (const auto& message : messages) {
        word += 2; // direction and address
        auto into = message.into().begin();
        for (; word != given.transaction.end() && *word != ";"; ++word)
            if (into != message.into().end()) // of a write, it is
                *into++ = static_cast<std::uint8_t>(hex(*word).value_or(0xff));
        if (word != given.transaction.end())
            ++word;
    }
}

std::string join(const words& parts)
{
    std::string text;
    for (const auto& word : parts)
        text += (text.empty() ? "" : " ") + word;
    return text;
}

std::string name_of_errno(int error)
{
    const char* const name = strerrorname_np(error);
    return name == nullptr ? std::to_string(error) : name;
}

} // namespace resourcelock::script
