/*
 * The part of NVML's binary interface that the stub speaks, on 64-bit Linux: structs, and the few numbers it needs.
 * The compiler lays the structs out, so tests hold the offsets of lib/meter/nvml_structs.ts against this file.
 */
#ifndef NVML_ABI_H
#define NVML_ABI_H
#include <stdint.h>

typedef struct { unsigned int gpu, memory; } Utilization;
typedef struct { unsigned long long total, free, used; } Memory;
typedef struct { unsigned int version; unsigned long long total, reserved, free, used; } Memory_v2;
typedef struct {
  unsigned int pid;
  unsigned long long usedGpuMemory;
  unsigned int gpuInstanceId, computeInstanceId;
} ProcessInfo;
typedef struct { unsigned int pid; unsigned long long usedGpuMemory; } ProcessInfo_v1;
typedef struct {
  char busIdLegacy[16];
  unsigned int domain, bus, device, pciDeviceId, pciSubSystemId;
  char busId[32];
} PciInfo;
typedef union { double f64; unsigned int u32; unsigned long ul; unsigned long long u64; long long i64; int i32; unsigned short u16; } Value;
typedef struct {
  unsigned int fieldId, scopeId;
  long long timestamp, latencyUsec;
  int valueType, nvmlReturn;
  Value value;
} FieldValue;
typedef struct { unsigned int version; int sensorType, temperature; } Temperature_v1;

#define VERSION_WORD(type, number) ((unsigned int)(sizeof(type) | ((unsigned int)(number) << 24)))

enum { OK = 0, UNINITIALIZED = 1, BAD_ARGUMENT = 2, NOT_SUPPORTED = 3, NOT_FOUND = 6, TOO_SMALL = 7, LOST = 15, BAD_VERSION = 25 };
enum { TYPE_F64 = 0, TYPE_U32 = 1, TYPE_UL = 2, TYPE_U64 = 3, TYPE_I64 = 4, TYPE_I32 = 5, TYPE_U16 = 6 };
#endif
