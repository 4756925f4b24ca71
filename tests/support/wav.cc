#include "support/wav.h"

namespace audiostore {
namespace {

void append_little_endian(std::string& out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i, value >>= 8U) out += static_cast<char>(value & 0xffU);
}

}  // namespace

std::string make_wav(std::uint32_t samples, std::uint16_t pitch) {
  constexpr std::uint32_t rate = 8000;
  std::string wav = "RIFF";
  append_little_endian(wav, 36 + 2 * samples, 4);
  wav += "WAVEfmt ";
  append_little_endian(wav, 16, 4);        // the chunk's length
  append_little_endian(wav, 1, 2);         // PCM
  append_little_endian(wav, 1, 2);         // channels
  append_little_endian(wav, rate, 4);      // samples a second
  append_little_endian(wav, 2 * rate, 4);  // bytes a second
  append_little_endian(wav, 2, 2);         // bytes a frame
  append_little_endian(wav, 16, 2);        // bits a sample
  wav += "data";
  append_little_endian(wav, 2 * samples, 4);
  for (std::uint32_t i = 0; i < samples; ++i) append_little_endian(wav, i * pitch & 0x3fffU, 2);  // a sawtooth
  return wav;
}

}  // namespace audiostore
