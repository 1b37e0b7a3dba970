// The one function of bcryptprimitives.dll that programs in Rust (uv, ruff) call for random bytes; Wine 8 has no such library.
#include <windows.h>

#include <ntsecapi.h>

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T count) {
    return RtlGenRandom(bytes, (ULONG)count);
}
