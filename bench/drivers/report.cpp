#include "report.h"

#include <cstdio>
#include <string>

namespace wscast::bench {

void print_line(const char* line) {
  std::puts(line);
  std::fflush(stdout);
}

void print_report(std::initializer_list<Figure> figures) {
  std::string text;
  for (const Figure& figure : figures) {
    text += (text.empty() ? "{\"" : ",\"") + std::string(figure.name) +
            "\":" + std::to_string(figure.value);
  }
  print_line((text + "}").c_str());
}

}  // namespace wscast::bench
