#include "table.hpp"

#include "text_width.hpp"
#include "utf8.hpp"

#include <CLI/CLI.hpp>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <numeric>
#include <sstream>
#include <utility>

namespace resourcelock::cli {

namespace {

std::string in_small_letters(std::string text)
{
    std::ranges::transform(text, text.begin(),
                           [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    return text;
}

std::string shown_text(const cell& content) { return content.text.empty() ? "-" : printable(content.text); }

} // namespace

table::table(std::string name, std::vector<column> columns)
    : name_{std::move(name)}, columns_{std::move(columns)}, shown_(columns_.size())
{
    std::iota(shown_.begin(), shown_.end(), std::size_t{0});
}

void table::add_options_to(CLI::App& app)
{
    app.add_flag_function("-n,--noheadings", [this](auto) { headings_ = false; });
    app.add_flag("-J,--json", as_json_);
    app.add_option_function<std::string>("-o,--output", [this](const std::string& list) { choose(list); })
        ->take_last();
}

void table::choose(const std::string& list)
{
    shown_.clear();
    std::istringstream names{list};
    for (std::string name; std::getline(names, name, ',');) {
        const auto found = std::ranges::find_if(columns_, [&](const auto& candidate) {
            return in_small_letters(candidate.heading) == in_small_letters(name);
        });
        if (found == columns_.end()) {
            std::string all;
            for (const auto& candidate : columns_)
                all.append(all.empty() ? "" : ",").append(candidate.heading);
            throw CLI::ValidationError{fmt::format("there is no column '{}'; there are {}", name, all)};
        }
        shown_.push_back(static_cast<std::size_t>(found - columns_.begin()));
    }
    if (shown_.empty())
        throw CLI::ValidationError{"--output needs the names of columns, like " + columns_.front().heading};
}

bool table::shows(std::string_view heading) const
{
    return std::ranges::any_of(shown_, [&](auto place) { return columns_[place].heading == heading; });
}

void table::add(std::vector<cell> row) { rows_.push_back(std::move(row)); }

std::string table::json() const
{
    auto array = nlohmann::ordered_json::array();
    for (const auto& row : rows_) {
        auto object = nlohmann::ordered_json::object();
        for (const auto place : shown_)
            object[json_key(columns_[place])] = row[place].value;
        array.push_back(std::move(object));
    }
    return json_text({{name_, std::move(array)}}, 2) + '\n';
}

std::string table::line(const std::vector<cell>& row, const std::vector<std::size_t>& widths,
                        const output_style& style) const
{
    std::string line;
    auto left = style.width;
    // What is cut or padded is counted without the colours.
    const auto append = [&](std::string text, const char* colour) {
        if (left) {
            text.resize(cut_to_columns(text, *left).size());
            *left -= columns_of(text);
        }
        line += style.colours && colour != nullptr ? std::string{"\x1b["} + colour + 'm' + text + "\x1b[0m"
                                                   : text;
    };
    for (std::size_t i = 0; i < shown_.size(); ++i) {
        const auto& content = row[shown_[i]];
        const auto text = shown_text(content);
        const std::string padding(widths[i] - columns_of(text), ' ');
        const bool right = columns_[shown_[i]].right;
        append((i > 0 ? " " : "") + (right ? padding : ""), nullptr);
        append(text, content.colour);
        if (!right && i + 1 < shown_.size())
            append(padding, nullptr);
    }
    return line + '\n';
}

std::string table::text(const output_style& style) const
{
    if (as_json_)
        return json();
    std::vector<std::vector<cell>> lines;
    if (headings_) {
        auto& headings = lines.emplace_back();
        for (const auto& column : columns_)
            headings.emplace_back(column.heading);
    }
    lines.insert(lines.end(), rows_.begin(), rows_.end());
    std::vector<std::size_t> widths(shown_.size());
    std::string text;
    for (const auto& row : lines)
        for (std::size_t i = 0; i < shown_.size(); ++i)
            widths[i] = std::max(widths[i], columns_of(shown_text(row[shown_[i]])));
    for (const auto& row : lines)
        text += line(row, widths, style);
    return text;
}

std::string json_key(const column& of) { return in_small_letters(of.heading); }

std::string json_text(const nlohmann::ordered_json& value, int indent)
{
    return value.dump(indent, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
}

} // namespace resourcelock::cli
