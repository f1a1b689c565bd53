#pragma once

#include <string>
#include <string_view>

namespace wscast::program {

/// `text` for a page of the manual, each character as it is. Line ends become spaces.
std::string roff(std::string_view text);

std::string roff_bold(std::string_view text);
std::string roff_italic(std::string_view text);

/// `text` as an example: its lines stay lines.
std::string roff_example(std::string_view text);

/// The first line of a page. `name`: such as `wscast-serve`.
std::string roff_title(std::string_view name, int section);

/// A heading of a page, and below it of a section.
std::string roff_section(std::string_view title);
std::string roff_subsection(std::string_view title);

/// An entry of a list: `tag` and `body` are roff already.
std::string roff_entry(const std::string& tag, const std::string& body);

}  // namespace wscast::program
