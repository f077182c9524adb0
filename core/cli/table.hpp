#pragma once

#include "output.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace CLI {
class App;
}

namespace resourcelock::cli {

struct column {
    std::string heading; ///< in capitals; the key in JSON is the same in small letters
    bool right = false;  ///< aligned to the right, as numbers are
};

std::string json_key(const column& of);

/// What stands in a row's column. Nothing to tell: "-" in the text, null in JSON.
struct cell {
    std::string text;
    nlohmann::ordered_json value; ///< a number for what is a number
    const char* colour = nullptr; ///< as in ECMA-48 SGR: "31" is red

    cell() = default; // NOLINT(bugprone-exception-escape): a null of JSON throws nothing
    cell(const std::string& same, const char* colour_ = nullptr) : text{same}, value(same), colour{colour_} {}
    cell(std::string text_, nlohmann::ordered_json value_) : text{std::move(text_)}, value(std::move(value_))
    {}
};

/// JSON for terminals too: everything but ASCII is escaped. `indent` -1: on one line.
std::string json_text(const nlohmann::ordered_json& value, int indent = -1);

/// Rows and columns as lslocks(8) and its family print them, with their options -o, -n and -J.
class table {
public:
    /// \param name what the rows are, in plural: the name of the array in JSON.
    table(std::string name, std::vector<column> columns);

    /// Gives a command the options, which change this table: it must live as long as `app`.
    void add_options_to(CLI::App& app);
    /// Whether that column was asked for: some cost something to fill.
    [[nodiscard]] bool shows(std::string_view heading) const;

    /// A cell for each column that there is, in their order.
    void add(std::vector<cell> row);

    /// The whole table, ready to be printed. Control characters are escaped.
    [[nodiscard]] std::string text(const output_style& style = output_style::of_stdout()) const;

private:
    void choose(const std::string& list);
    [[nodiscard]] std::string json() const;
    [[nodiscard]] std::string line(const std::vector<cell>& row, const std::vector<std::size_t>& widths,
                                   const output_style& style) const;

    std::string name_;
    std::vector<column> columns_;
    std::vector<std::size_t> shown_; // places in columns_
    std::vector<std::vector<cell>> rows_;
    bool headings_ = true;
    bool as_json_ = false;
};

} // namespace resourcelock::cli
