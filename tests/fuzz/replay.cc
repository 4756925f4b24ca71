// Feeds a target with the files of its corpus: each as it is, each of its beginnings, and with each of its bytes
// changed. So the ordinary build runs what fuzzing has found, and more than that, in the same order every time.
#include "fuzz/fuzz.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace {

constexpr std::size_t longest_mutated = 4096;  // of longer files only the file itself: time is quadratic

void feed(const std::string& bytes) {
  // A copy of its own, so that AddressSanitizer sees a read past the end.
  const std::string copy(bytes);
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(copy.data()), copy.size());
}

void feed_mutations(const std::string& bytes) {
  for (std::size_t end = 0; end < bytes.size(); ++end) feed(bytes.substr(0, end));
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const char other : {'\0', '\n', '<', '%', '"', '/', '\x7f', '\xff', '9'}) {
      std::string changed = bytes;
      changed[at] = other;
      feed(changed);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t files = 0;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(file), {}};
      feed(bytes);
      if (bytes.size() <= longest_mutated) feed_mutations(bytes);
      ++files;
    }
  }
  std::printf("%zu files\n", files);
  return files == 0 ? 1 : 0;
}
