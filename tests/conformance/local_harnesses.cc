// The stores that need nothing but this machine: memory and a directory.
#include "conformance/harness.h"
#include "support/temp_folder.h"

#include <audiostore/file_store.h>
#include <audiostore/memory_store.h>

namespace audiostore::conformance {
namespace {

class MemoryHarness final : public Harness {
 public:
  ObjectStore& store() override { return *store_; }
  ObjectStore& second_store() override { return *store_; }  // there is no other way to the same memory

 private:
  std::unique_ptr<ObjectStore> store_ = make_memory_store();
};

class FileHarness final : public Harness {
 public:
  ObjectStore& store() override { return *store_; }
  ObjectStore& second_store() override { return *second_; }

 private:
  TempFolder root_;
  std::unique_ptr<ObjectStore> store_ = make_file_store(root_.path()).value();
  std::unique_ptr<ObjectStore> second_ = make_file_store(root_.path()).value();
};

template <class H>
Result<std::unique_ptr<Harness>> make() {
  return std::unique_ptr<Harness>(std::make_unique<H>());
}

[[maybe_unused]] const bool registered =
    register_harness("memory", make<MemoryHarness>) && register_harness("file", make<FileHarness>);

}  // namespace
}  // namespace audiostore::conformance
