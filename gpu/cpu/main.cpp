#include <iostream>
#include <string>
#include <vector>

#include "gpu/cpu/program.h"

int main(int argc, char** argv) {
    std::ios::sync_with_stdio(false);
    return moeplan::cpu::run_program(std::vector<std::string>(argv + 1, argv + argc), std::cin, std::cout, std::cerr);
}
