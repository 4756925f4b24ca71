#!/bin/sh
# Makes the audio files beside this script, with the encoders of ffmpeg and sox: 0.2 s of a tone, mono.
# What is committed was made by ffmpeg 5.1 and sox 14.4; other versions make other bytes of the same kind.
# Needs: ffmpeg (with libmp3lame, libopus, libvorbis, libtheora, libspeex, libvpx, libx264), sox, python3.
set -eu
cd "$(dirname "$0")"

tone() {  # tone RATE FFMPEG-ARGUMENT...: encodes the tone
  rate=$1
  shift
  ffmpeg -nostdin -v error -y -f lavfi -i "sine=frequency=440:sample_rate=$rate:duration=0.2" \
    -map_metadata -1 -fflags +bitexact -flags:a +bitexact "$@"
}
movie() {  # movie FFMPEG-ARGUMENT...: encodes the tone and a picture
  ffmpeg -nostdin -v error -y -f lavfi -i "color=gray:size=16x16:rate=10:duration=0.2" \
    -f lavfi -i "sine=frequency=440:sample_rate=48000:duration=0.2" \
    -map_metadata -1 -fflags +bitexact -flags:a +bitexact -flags:v +bitexact "$@"
}

# WAV, with every fmt chunk and every way to leave sizes open.
tone 8000 -c:a pcm_s16le pcm.wav
tone 8000 -c:a pcm_f32le extensible_float.wav
sox -D -n -r 8000 -b 32 -e floating-point -c 1 float.wav synth 0.2 sine 440
tone 8000 -c:a pcm_s24le extensible.wav
tone 8000 -c:a pcm_s16le -rf64 always rf64.wav
tone 8000 -c:a pcm_s16le -f wav pipe:1 | cat > piped.wav
tone 8000 -c:a pcm_s16le -write_bext 1 -metadata description=take broadcast.wav
sox -D -n -r 8000 -b 8 -e u-law -c 1 ulaw.wav synth 0.2 sine 440
python3 - <<'PYTHON'
import struct

wav = open("pcm.wav", "rb").read()
data = wav.index(b"data") + 4
for name, size in (("size0", 0), ("sizeff", 0xFFFFFFFF)):
    patched = bytearray(wav)
    patched[4:8] = patched[data:data + 4] = struct.pack("<I", size)
    open(name + ".wav", "wb").write(patched)
rf64 = open("rf64.wav", "rb").read()
open("bw64.wav", "wb").write(b"BW64" + rf64[4:])
PYTHON

# WebM: a file, what a recorder streams (sizes unknown), and with a picture.
tone 48000 -c:a libopus -b:a 16k opus.webm
tone 48000 -c:a libvorbis vorbis.webm
tone 48000 -c:a libopus -b:a 16k -f webm -live 1 pipe:1 | cat > live.webm
python3 - <<'PYTHON'
webm = open("live.webm", "rb").read()
cluster = webm.index(b"\x1f\x43\xb6\x75") + 4  # its size has two bytes; browsers' recorders leave it unknown
open("recorder.webm", "wb").write(webm[:cluster] + b"\x01" + b"\xff" * 7 + webm[cluster + 2:])
PYTHON
movie -c:v libvpx -c:a libopus -b:a 16k -b:v 10k video.webm
movie -an -c:v libvpx -b:v 10k silent_video.webm
tone 48000 -c:a libopus -b:a 16k opus.mkv

# MP3: plain, with the two kinds of ID3, MPEG-2 and -2.5, and what is MPEG audio but no MP3.
tone 44100 -c:a libmp3lame -b:a 32k -id3v2_version 0 -write_xing 0 plain.mp3
tone 44100 -c:a libmp3lame -q:a 5 -id3v2_version 3 -write_id3v1 1 -metadata title=Take id3.mp3
tone 44100 -c:a libmp3lame -b:a 32k -id3v2_version 4 -metadata title=Take id3v24.mp3
tone 22050 -c:a libmp3lame -b:a 16k -id3v2_version 0 mpeg2.mp3
tone 8000 -c:a libmp3lame -b:a 8k -id3v2_version 0 mpeg25.mp3
tone 44100 -c:a mp2 -b:a 32k layer2.mp2
tone 44100 -c:a aac -b:a 16k -f adts adts.aac

# Ogg
tone 48000 -c:a libopus -b:a 16k opus.ogg
tone 48000 -c:a libvorbis vorbis.ogg
tone 8000 -c:a flac -f ogg flac.ogg
tone 8000 -c:a libspeex speex.ogg
movie -c:v libtheora -c:a libvorbis theora.ogg
movie -an -c:v libtheora silent_theora.ogg

# MP4: moov behind and before the sound, fragmented as Safari's recorder writes it, with a picture, QuickTime.
tone 44100 -c:a aac -b:a 16k normal.m4a
tone 44100 -c:a aac -b:a 16k -movflags +faststart faststart.m4a
tone 44100 -c:a alac alac.m4a
tone 44100 -c:a aac -b:a 16k -f mp4 -brand iso5 -movflags +frag_keyframe+empty_moov+default_base_moof fragmented.mp4
tone 44100 -c:a aac -b:a 16k -f mp4 audio.mp4
tone 44100 -c:a aac -b:a 16k -f 3gp audio.3gp
movie -c:v libx264 -c:a aac -b:a 16k -f mp4 video.mp4
movie -c:v libx264 -c:a aac -b:a 16k -f mp4 -movflags +frag_keyframe+empty_moov fragmented_video.mp4
movie -an -c:v libx264 -f mp4 silent_video.mp4
tone 44100 -c:a aac -b:a 16k -f mov quicktime.mov

# FLAC and AIFF
tone 8000 -c:a flac -metadata_header_padding 0 plain.flac
tone 8000 -c:a pcm_s16be plain.aiff
sox -D -n -r 8000 -b 16 -c 1 plain.aifc synth 0.2 sine 440
python3 - <<'PYTHON'
mp3 = open("id3.mp3", "rb").read()
size = 0
for byte in mp3[6:10]:
    size = size << 7 | byte
tag = mp3[:10 + size]
for name in ("plain.flac", "adts.aac"):
    open("id3_" + name.replace("plain.", "in_front."), "wb").write(tag + open(name, "rb").read())
PYTHON

# None of ours
movie -c:v mpeg4 -c:a mp3 -b:a 32k -f avi video.avi
