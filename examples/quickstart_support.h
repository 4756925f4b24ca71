// What the quickstart needs besides audiostore: a tone to upload, a hash to compare, a bar to look at.
#pragma once

#include <audiostore/bytes.h>
#include <audiostore/call_options.h>

#include <filesystem>
#include <string>
#include <string_view>

namespace quickstart {

/// Two seconds of A4 as a WAV file: 16 bit, mono, 44,100 Hz.
std::string make_tone();

/// The SHA-256 of `bytes` in hex.
std::string sha256_hex(std::string_view bytes);

/// Draws a bar on the terminal; does nothing where the output is not one.
audiostore::ProgressCallback progress_bar(std::string label);

/// A new folder below the system's temporary one, removed with all that is in it at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace quickstart
