#include "text_width.hpp"

#include "utf8.hpp"

#include <algorithm>
#include <limits>

#include <clocale>
#include <cwchar>

namespace resourcelock::cli {

namespace {

/// The C library's table, which it has for UTF-8 locales only, whatever locale the user has.
class character_widths {
public:
    character_widths() : utf8_{newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)}
    {
        if (utf8_ != nullptr)
            before_ = uselocale(utf8_);
    }
    ~character_widths()
    {
        if (utf8_ == nullptr)
            return;
        uselocale(before_);
        freelocale(utf8_);
    }
    character_widths(const character_widths&) = delete;
    character_widths& operator=(const character_widths&) = delete;

    [[nodiscard]] std::size_t of(std::string_view character) const
    {
        wchar_t wide{};
        std::mbstate_t state{};
        if (utf8_ == nullptr ||
            std::mbrtowc(&wide, character.data(), character.size(), &state) > character.size())
            return 1;
        return static_cast<std::size_t>(std::max(wcwidth(wide), 0));
    }

private:
    locale_t utf8_;
    locale_t before_ = nullptr;
};

struct measured {
    std::size_t bytes = 0;
    std::size_t columns = 0;
};

measured head_of(std::string_view text, std::size_t most_columns)
{
    const character_widths widths;
    measured head;
    while (head.bytes < text.size()) {
        const auto rest = text.substr(head.bytes);
        const auto length = std::max<std::size_t>(utf8_length(rest), 1);
        const auto width = widths.of(rest.substr(0, length));
        if (width > most_columns - head.columns)
            break;
        head.bytes += length;
        head.columns += width;
    }
    return head;
}

} // namespace

std::size_t columns_of(std::string_view text)
{
    return head_of(text, std::numeric_limits<std::size_t>::max()).columns;
}

std::string_view cut_to_columns(std::string_view text, std::size_t columns)
{
    return text.substr(0, head_of(text, columns).bytes);
}

} // namespace resourcelock::cli
