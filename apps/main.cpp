// The vmlan program: a command line in, an exit code out.
#include <string>
#include <vector>

#include "apps/cli/program.h"

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  return static_cast<int>(vmlan::apps::run_program(arguments));
}
