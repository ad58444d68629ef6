import { expect, it } from "vitest";
import { unitsOf } from "./units-of.ts";

it("C++ units lie in namespaces and classes", async () => {
  const text = `\
#include <vector>
using namespace std;

namespace net::http {

using Bytes = std::vector<char>;

template <typename T>
class Client : public Base {
 public:
  Client() : Base() {}
  ~Client() {}

  // Opens it.
  bool open(int port) const {
    return port > 0;
  }
  int size() const;

  struct Options {
    int port = 0;
    void reset() {}
  };

 private:
  std::vector<T> items_;
};

template <typename T>
int Client<T>::size() const
{
  return 0;
}

namespace {
constexpr int kLimit = 3;
int hidden(int* a, int& b) { return 1; }
}  // namespace

Bytes operator+(const Bytes& a, const Bytes& b) { return a; }

}  // namespace net::http

TEST_F(ClientTest, Opens) {
  EXPECT_TRUE(true);
}
`;
  const scope = "net::http";
  expect(await unitsOf("cpp", text)).toEqual([
    "use 1-2",
    `namespace ${scope} 4-42`,
    `type ${scope}::Bytes 6`,
    `class ${scope}::Client 8-27`,
    `method ${scope}::Client::Client 11`,
    `method ${scope}::Client::~Client 12`,
    `method ${scope}::Client::open 14-17`,
    `struct ${scope}::Client::Options 20-23`,
    `method ${scope}::Client::Options::reset 22`,
    `method ${scope}::Client<T>::size 29-33`,
    `namespace ${scope} 35-38`,
    `const ${scope}::kLimit 36`,
    `function ${scope}::hidden 37`,
    `function ${scope}::operator+ 40`,
    "test ClientTest::Opens 44-46 *",
  ]);
});
