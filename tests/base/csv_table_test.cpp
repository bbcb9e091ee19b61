#include "core/base/csv_table.h"

#include <sstream>

#include "tests/support/catch.h"

using namespace moeplan;

TEST_CASE("the header tells what separates cells") {
    for (const auto& [header, separator] : std::vector<std::pair<const char*, char>>{
             {"a,b,c", ','}, {"a;b;c", ';'}, {"a\tb\tc", '\t'}, {"alone", ','}, {"", ','}, {"\"x;y;z\",b", ','}, {"a;\"x,y,z\"", ';'}}) {
        CAPTURE(header);
        CHECK(csv_separator(header) == separator);
    }
}

TEST_CASE("rows are split as their header is") {
    for (const char* text : {"name,note,n\na,\"x;y\",1\n", "name;note;n\na;x;1\n", "name\tnote\tn\r\na\tx,y\t1\r\n"}) {
        CAPTURE(text);
        std::istringstream stream(text);
        CsvTable table(stream);
        REQUIRE(table.columns().size() == 3);
        REQUIRE(table.next());
        CHECK(table.cell("name") == "a");
        CHECK(table.cell("note").front() == 'x');
        CHECK(table.number("n") == 1);
    }
}
