import type { FailureRule } from "../../engines/failure_rule.ts";
import { GPU_FAILURE } from "./messages.ts";
import { rule } from "./rule.ts";

/** Drivers, runtimes and devices, by the words of CUDA, NVML, NCCL and torch. */
export const GPU_RULES: readonly FailureRule[] = [
  rule(
    /Driver\/library version mismatch/,
    GPU_FAILURE.driverMismatch,
  ),
  rule(
    /CUDA driver version is insufficient|NVIDIA driver on your system is too old|provided PTX was compiled with an unsupported toolchain|cudaErrorInsufficientDriver|forward compatibility was attempted on non supported HW/,
    GPU_FAILURE.driverTooOld,
  ),
  rule(
    /no kernel image is available|cudaErrorNoKernelImageForDevice|is not compatible with the current PyTorch installation/,
    GPU_FAILURE.noKernelImage,
  ),
  rule(
    /no CUDA-capable device is detected|CUDA-capable device is not detected|Found no NVIDIA driver|No CUDA GPUs are available|cudaErrorNoDevice|CUDA_ERROR_NO_DEVICE|couldn't communicate with the NVIDIA driver/,
    GPU_FAILURE.noGpu,
  ),
  rule(
    /invalid device ordinal|cudaErrorInvalidDevice\b|CUDA_ERROR_INVALID_DEVICE/,
    GPU_FAILURE.noSuchGpu,
  ),
  rule(
    /CUDA-capable device\(s\) is\/are busy or unavailable|cudaErrorDevicesUnavailable/,
    GPU_FAILURE.gpuBusy,
  ),
  rule(
    /Torch not compiled with CUDA enabled/,
    GPU_FAILURE.torchWithoutCuda,
  ),
  rule(
    /uncorrectable (?:NVLink |ECC )?error|cudaErrorECCUncorrectable|fallen off the bus|GPU is lost|Unable to determine the device handle/i,
    GPU_FAILURE.hardwareFault,
  ),
  rule(
    /illegal memory access was encountered|cudaErrorIllegalAddress|device-side assert triggered|unspecified launch failure|misaligned address/,
    GPU_FAILURE.illegalAccess,
  ),
  rule(
    /NCCL (?:error|failure)|ncclSystemError|ncclUnhandledCudaError|ncclRemoteError|ProcessGroupNCCL.*?(?:timeout|timed out)/i,
    GPU_FAILURE.gpuCommunication,
  ),
];
