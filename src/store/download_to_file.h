// Objects into files, by what any store can do.
#pragma once

#include <audiostore/object_store.h>

#include <filesystem>
#include <functional>

namespace audiostore {

/// One object, as its store reads it. Called from many threads at once; may throw. REQUIRES: get() verifies whole
/// reads.
struct ObjectReader {
  std::function<Result<ObjectInfo>(const ByteSink&, const GetOptions&)> get;
  std::function<Result<ObjectInfo>(const HeadOptions&)> head;
};

/// ObjectStore::get_to_file(), see there. REQUIRES: options in their bounds.
Result<ObjectInfo> download_to_file(const ObjectReader& reader, const std::filesystem::path& path,
                                    const DownloadOptions& options);

}  // namespace audiostore
