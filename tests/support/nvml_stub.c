/*
 * A fake for hardware that is not there: libnvidia-ml.so.1 with NVML's real binary interface and boards that a text
 * file describes. What it tells of power and energy is computed from the board's curve, never measured, so a test knows
 * every number beforehand. nvml_stub.ts writes the file and builds this one.
 *
 * The file is named by LLEM_NVML_STUB and read at nvmlInit; without it there are two boards at 100 W and 50 W. One
 * setting a line; `#` begins a comment. Times are seconds (s) or milliseconds (ms) after time zero.
 *
 *   t0_ns N                     time zero on CLOCK_MONOTONIC; unless given, the moment of nvmlInit
 *   driver TEXT                 driver version
 *   board                       begins a board; what stands before the first holds for all and for no board
 *   uuid | name | vbios TEXT
 *   architecture N, capability MAJOR.MINOR
 *   power constant W | power step W0 W1 T | power ramp W0 W1 T0 T1 | power square LOW HIGH PERIOD DUTY (high first)
 *   power points T W T W ...    straight lines between; two points at one time make a step
 *   power shared W SHARE FOLDER so many watts, and that share more while the folder holds files of two living pids or more
 *   publish_ms, instant_window_ms, average_window_ms    how power is published: an average that ends at the last tick
 *   counter_lag_ms, counter_period_ms, counter_start_mj, counter_bits 32|64
 *   counter_stick_s T           stands still from T on
 *   counter_reset_s T           begins anew from 0 at T, as after a reload of the driver
 *   lost_s T, lost_code N       every call on the board fails from T on, with 15 unless told otherwise
 *   lost_once PATH              the same once that file is there
 *   hang FUNCTION T [T2]        sleeps in that function from T on, until T2 or for ever
 *   code FUNCTION CODE [from T] [until T] [first N] [after N]
 *                               what it returns then; for the first N calls, or for those after the first N
 *   field ID CODE               the own return code of one field value
 *   processes all-of-file PATH  lines `PID [compute|graphics|mps] [BYTES]`, read anew at every call
 *   grow_processes N            N more appear whenever a buffer was too small
 *   temperature points T C ...  or `constant C`, `step`, `ramp`, `square`, as for power
 *   memory_temperature C
 *   throttle FIELD T1 T2        that counter of nanoseconds grows from T1 to T2
 *   instance UUID               a MIG device of the board
 *   minor N                     the number of its device file; unless given, that of the board
 *   event_reasons N, mig none|0|1, persistence 0|1, ecc none|0|1, memory_total BYTES, memory_used BYTES
 *   power_limit W
 *
 * Old drivers are made when it is compiled: -DWITHOUT_V3 -DWITHOUT_V2 (process lists), -DWITHOUT_MEMORY_V2,
 * -DWITHOUT_TEMPERATURE_V, -DWITHOUT_EVENT_REASONS, -DWITHOUT_INSTANT (fields 185 and 186), -DWITHOUT_FIELDS,
 * -DWITHOUT_ENERGY, -DWITHOUT_CUDA_V2, -DWITHOUT_ARCHITECTURE, -DWITHOUT_MIG_PARENT.
 */
#define _GNU_SOURCE
#include "nvml_abi.h"
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define MOST_BOARDS 64
#define MOST_RULES 64
#define MOST_INSTANCES 8
#define MOST_POINTS 4096
#define MOST_PROCESSES 1024
#define TEXT 128

typedef struct {
  int isSquare, count, isShared;
  char folder[256];
  double watts, share;
  double low, high, period, duty;
  double t[MOST_POINTS], y[MOST_POINTS], sum[MOST_POINTS];
} Curve;

typedef struct { char function[64]; int code; double from, until; long first, after, seen; } CodeRule;
typedef struct { char function[64]; double from, until; } HangRule;
typedef struct { unsigned int id; int code; } FieldRule;
typedef struct { unsigned int id; double from, until; } Throttle;
typedef struct { CodeRule codes[MOST_RULES]; HangRule hangs[MOST_RULES]; int codeCount, hangCount; } Rules;

typedef struct { char uuid[TEXT]; struct Board *board; } Instance;

typedef struct Board {
  char uuid[TEXT], name[TEXT], vbios[TEXT], processes[4096], lostOnce[4096];
  Instance instances[MOST_INSTANCES];
  int instanceCount, minorNumber;
  unsigned int architecture;
  int major, minor, mig, ecc, persistence, lostCode, counterBits;
  double publish, instantWindow, averageWindow, counterLag, counterPeriod, counterStick, counterReset, lost;
  double memoryTemperature, powerLimit;
  unsigned long long counterStart, memoryTotal, memoryUsed, eventReasons;
  long growProcesses, grown;
  Curve power, temperature;
  Rules rules;
  FieldRule fields[MOST_RULES];
  Throttle throttles[MOST_RULES];
  int fieldCount, throttleCount;
} Board;

static Board *boards[MOST_BOARDS];
static int boardCount, initialized;
static Rules everywhere;
static char driver[TEXT];
static long long zeroNs;

/* ---- time ------------------------------------------------------------------------------------------------------ */

static long long nowNs(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static double nowS(void) { return (double)(nowNs() - zeroNs) / 1e9; }

static double tick(double t, double period) { return period > 0 ? floor(t / period + 1e-9) * period : t; }

/* ---- curves ---------------------------------------------------------------------------------------------------- */

static void addPoint(Curve *curve, double t, double y) {
  int n = curve->count;
  if (n == MOST_POINTS) return;
  curve->t[n] = t;
  curve->y[n] = y;
  curve->sum[n] = n == 0 ? 0 : curve->sum[n - 1] + (t - curve->t[n - 1]) * (y + curve->y[n - 1]) / 2;
  curve->count = n + 1;
}

static void constant(Curve *curve, double y) {
  curve->isSquare = curve->count = 0;
  addPoint(curve, 0, y);
}

/* The last point at or before t; -1 before the first. */
static int placeOf(const Curve *curve, double t) {
  int low = 0, high = curve->count;
  while (low < high) {
    int middle = (low + high) / 2;
    if (curve->t[middle] <= t) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

static double valueAt(const Curve *curve, double t) {
  if (curve->isSquare) {
    double phase = t - floor(t / curve->period) * curve->period;
    return phase < curve->duty * curve->period ? curve->high : curve->low;
  }
  int i = placeOf(curve, t);
  if (i < 0) return curve->y[0];
  if (i == curve->count - 1) return curve->y[i];
  return curve->y[i] + (curve->y[i + 1] - curve->y[i]) * (t - curve->t[i]) / (curve->t[i + 1] - curve->t[i]);
}

/* An antiderivative of the curve; only differences mean something. */
static double integral(const Curve *curve, double t) {
  if (curve->isSquare) {
    double whole = floor(t / curve->period), phase = t - whole * curve->period;
    double up = curve->duty * curve->period, down = curve->period - up;
    double high = phase < up ? phase : up;
    return whole * (up * curve->high + down * curve->low) + high * curve->high + (phase - high) * curve->low;
  }
  int i = placeOf(curve, t);
  if (i < 0) return (t - curve->t[0]) * curve->y[0];
  return curve->sum[i] + (t - curve->t[i]) * (curve->y[i] + valueAt(curve, t)) / 2;
}

/* Adds what has changed since the last look, as of now. */
static void lookAtFolder(Curve *curve) {
  if (!curve->isShared) return;
  DIR *folder = opendir(curve->folder);
  int living = 0;
  for (struct dirent *entry; folder && (entry = readdir(folder));) {
    int pid = atoi(entry->d_name);
    if (pid > 0 && kill(pid, 0) == 0) living++;
  }
  if (folder) closedir(folder);
  double watts = curve->watts * (living >= 2 ? 1 + curve->share : 1), before = curve->y[curve->count - 1];
  if (watts == before) return;
  double t = nowS();
  addPoint(curve, t, before);
  addPoint(curve, t, watts);
}

static unsigned int publishedMw(Board *board, double window, double t) {
  lookAtFolder(&board->power);
  double end = tick(t, board->publish);
  double watts = window > 0
    ? (integral(&board->power, end) - integral(&board->power, end - window)) / window
    : valueAt(&board->power, end);
  return (unsigned int)llround(watts * 1000);
}

static unsigned long long counterMj(Board *board, double t) {
  lookAtFolder(&board->power);
  double until = t < board->counterStick ? t : board->counterStick;
  double end = tick(until - board->counterLag, board->counterPeriod), begin = 0;
  unsigned long long start = board->counterStart;
  if (t >= board->counterReset) {
    begin = board->counterReset;
    start = 0;
  }
  double joules = end > begin ? integral(&board->power, end) - integral(&board->power, begin) : 0;
  unsigned long long total = start + (unsigned long long)llround(joules * 1000);
  return board->counterBits == 32 ? total & 0xFFFFFFFFULL : total;
}

/* ---- the file -------------------------------------------------------------------------------------------------- */

static Board *newBoard(void) {
  if (boardCount == MOST_BOARDS) return boards[MOST_BOARDS - 1];
  Board *board = calloc(1, sizeof *board);
  int index = boardCount++;
  boards[index] = board;
  snprintf(board->uuid, TEXT, "GPU-00000000-0000-0000-0000-%012d", index);
  snprintf(board->name, TEXT, "Stub GPU %d", index);
  snprintf(board->vbios, TEXT, "96.00.00.00.%02d", index);
  board->minorNumber = index;
  board->architecture = 9;
  board->major = 9;
  board->mig = 0;
  board->ecc = 1;
  board->persistence = 1;
  board->lostCode = LOST;
  board->counterBits = 64;
  board->publish = 0.1;
  board->instantWindow = 0.025;
  board->averageWindow = 1;
  board->counterPeriod = 0.1;
  board->counterStick = board->counterReset = board->lost = INFINITY;
  board->memoryTemperature = 50;
  board->powerLimit = 700;
  board->memoryTotal = 80ULL << 30;
  board->memoryUsed = 1ULL << 30;
  constant(&board->power, 100);
  constant(&board->temperature, 40);
  return board;
}

static void complain(const char *line) {
  fprintf(stderr, "nvml_stub: cannot read this setting: %s\n", line);
  abort();
}

static void readCurve(Curve *curve, char *text) {
  char kind[16];
  int used = 0;
  double a, b, c, d;
  if (sscanf(text, "%15s %n", kind, &used) != 1) complain(text);
  char *rest = text + used;
  curve->isSquare = curve->count = 0;
  if (!strcmp(kind, "constant") && sscanf(rest, "%lf", &a) == 1) {
    addPoint(curve, 0, a);
  } else if (!strcmp(kind, "step") && sscanf(rest, "%lf %lf %lf", &a, &b, &c) == 3) {
    addPoint(curve, c, a);
    addPoint(curve, c, b);
  } else if (!strcmp(kind, "ramp") && sscanf(rest, "%lf %lf %lf %lf", &a, &b, &c, &d) == 4) {
    addPoint(curve, c, a);
    addPoint(curve, d, b);
  } else if (!strcmp(kind, "square") && sscanf(rest, "%lf %lf %lf %lf", &a, &b, &c, &d) == 4) {
    curve->isSquare = 1;
    curve->low = a;
    curve->high = b;
    curve->period = c;
    curve->duty = d;
  } else if (!strcmp(kind, "shared") && sscanf(rest, "%lf %lf %255s", &a, &b, curve->folder) == 3) {
    curve->isShared = 1;
    curve->watts = a;
    curve->share = b;
    addPoint(curve, 0, a);
  } else if (!strcmp(kind, "points")) {
    for (char *next = rest;; rest = next) {
      a = strtod(rest, &next);
      if (next == rest) break;
      rest = next;
      b = strtod(rest, &next);
      if (next == rest) complain(text);
      addPoint(curve, a, b);
    }
    if (curve->count == 0) complain(text);
  } else {
    complain(text);
  }
}

static void readCode(Rules *rules, const char *text) {
  CodeRule *rule = &rules->codes[rules->codeCount];
  int used = 0;
  char word[16];
  double number;
  if (rules->codeCount == MOST_RULES || sscanf(text, "%63s %d %n", rule->function, &rule->code, &used) != 2) complain(text);
  rule->from = -INFINITY;
  rule->until = INFINITY;
  rule->first = -1;
  for (const char *rest = text + used; sscanf(rest, "%15s %lf %n", word, &number, &used) == 2; rest += used) {
    if (!strcmp(word, "from")) rule->from = number;
    else if (!strcmp(word, "until")) rule->until = number;
    else if (!strcmp(word, "first")) rule->first = (long)number;
    else if (!strcmp(word, "after")) rule->after = (long)number;
    else complain(text);
  }
  rules->codeCount++;
}

static void readHang(Rules *rules, const char *text) {
  HangRule *rule = &rules->hangs[rules->hangCount];
  rule->until = INFINITY;
  if (rules->hangCount == MOST_RULES || sscanf(text, "%63s %lf %lf", rule->function, &rule->from, &rule->until) < 2) complain(text);
  rules->hangCount++;
}

static int isOn(const char *value) { return !strcmp(value, "none") ? -1 : atoi(value); }

static void setBoard(Board *board, const char *key, char *value) {
  double number = strtod(value, NULL);
  if (!strcmp(key, "uuid")) snprintf(board->uuid, TEXT, "%s", value);
  else if (!strcmp(key, "name")) snprintf(board->name, TEXT, "%s", value);
  else if (!strcmp(key, "vbios")) snprintf(board->vbios, TEXT, "%s", value);
  else if (!strcmp(key, "architecture")) board->architecture = (unsigned int)strtoul(value, NULL, 0);
  else if (!strcmp(key, "capability")) sscanf(value, "%d.%d", &board->major, &board->minor);
  else if (!strcmp(key, "power")) readCurve(&board->power, value);
  else if (!strcmp(key, "temperature")) readCurve(&board->temperature, value);
  else if (!strcmp(key, "publish_ms")) board->publish = number / 1000;
  else if (!strcmp(key, "instant_window_ms")) board->instantWindow = number / 1000;
  else if (!strcmp(key, "average_window_ms")) board->averageWindow = number / 1000;
  else if (!strcmp(key, "counter_lag_ms")) board->counterLag = number / 1000;
  else if (!strcmp(key, "counter_period_ms")) board->counterPeriod = number / 1000;
  else if (!strcmp(key, "counter_start_mj")) board->counterStart = strtoull(value, NULL, 10);
  else if (!strcmp(key, "counter_bits")) board->counterBits = atoi(value);
  else if (!strcmp(key, "counter_stick_s")) board->counterStick = number;
  else if (!strcmp(key, "counter_reset_s")) board->counterReset = number;
  else if (!strcmp(key, "lost_s")) board->lost = number;
  else if (!strcmp(key, "lost_once")) snprintf(board->lostOnce, sizeof board->lostOnce, "%s", value);
  else if (!strcmp(key, "lost_code")) board->lostCode = atoi(value);
  else if (!strcmp(key, "hang")) readHang(&board->rules, value);
  else if (!strcmp(key, "code")) readCode(&board->rules, value);
  else if (!strcmp(key, "field") && board->fieldCount < MOST_RULES) {
    FieldRule *rule = &board->fields[board->fieldCount++];
    if (sscanf(value, "%u %d", &rule->id, &rule->code) != 2) complain(value);
  } else if (!strcmp(key, "throttle") && board->throttleCount < MOST_RULES) {
    Throttle *rule = &board->throttles[board->throttleCount++];
    if (sscanf(value, "%u %lf %lf", &rule->id, &rule->from, &rule->until) != 3) complain(value);
  } else if (!strcmp(key, "processes")) {
    if (strncmp(value, "all-of-file ", 12)) complain(value);
    snprintf(board->processes, sizeof board->processes, "%s", value + 12);
  } else if (!strcmp(key, "grow_processes")) board->growProcesses = atol(value);
  else if (!strcmp(key, "memory_temperature")) board->memoryTemperature = number;
  else if (!strcmp(key, "event_reasons")) board->eventReasons = strtoull(value, NULL, 0);
  else if (!strcmp(key, "instance") && board->instanceCount < MOST_INSTANCES) {
    Instance *instance = &board->instances[board->instanceCount++];
    snprintf(instance->uuid, TEXT, "%s", value);
    instance->board = board;
  } else if (!strcmp(key, "mig")) board->mig = isOn(value);
  else if (!strcmp(key, "ecc")) board->ecc = isOn(value);
  else if (!strcmp(key, "minor")) board->minorNumber = atoi(value);
  else if (!strcmp(key, "persistence")) board->persistence = atoi(value);
  else if (!strcmp(key, "memory_total")) board->memoryTotal = strtoull(value, NULL, 10);
  else if (!strcmp(key, "memory_used")) board->memoryUsed = strtoull(value, NULL, 10);
  else if (!strcmp(key, "power_limit")) board->powerLimit = number;
  else complain(key);
}

static void readLine(char *line, Board **board) {
  line[strcspn(line, "#\r\n")] = 0;
  char *key = line + strspn(line, " \t");
  char *value = key + strcspn(key, " \t");
  if (*value) *value++ = 0;
  value += strspn(value, " \t");
  if (!*key) return;
  if (!strcmp(key, "board")) *board = newBoard();
  else if (!strcmp(key, "t0_ns")) zeroNs = strtoll(value, NULL, 10);
  else if (!strcmp(key, "driver")) snprintf(driver, TEXT, "%s", value);
  else if (*board) setBoard(*board, key, value);
  else if (!strcmp(key, "code")) readCode(&everywhere, value);
  else if (!strcmp(key, "hang")) readHang(&everywhere, value);
  else complain(key);
}

static void readSettings(void) {
  for (int i = 0; i < boardCount; i++) free(boards[i]);
  boardCount = 0;
  memset(&everywhere, 0, sizeof everywhere);
  snprintf(driver, TEXT, "555.42.06");
  zeroNs = nowNs();
  const char *path = getenv("LLEM_NVML_STUB");
  if (!path) {
    newBoard();
    constant(&newBoard()->power, 50);
    return;
  }
  FILE *file = fopen(path, "re");
  if (!file) complain(path);
  char *line = NULL;
  size_t size = 0;
  Board *board = NULL;
  while (getline(&line, &size, file) != -1) readLine(line, &board);
  free(line);
  fclose(file);
}

/* ---- what every call begins with ------------------------------------------------------------------------------- */

static int applyRules(Rules *rules, const char *function) {
  for (int i = 0; i < rules->hangCount; i++) {
    const HangRule *rule = &rules->hangs[i];
    if (strcmp(rule->function, function)) continue;
    while (nowS() >= rule->from && nowS() < rule->until) usleep(5000);
  }
  for (int i = 0; i < rules->codeCount; i++) {
    CodeRule *rule = &rules->codes[i];
    if (strcmp(rule->function, function)) continue;
    double t = nowS();
    if (t < rule->from || t >= rule->until) continue;
    long seen = rule->seen++;
    if (seen < rule->after || (rule->first >= 0 && seen >= rule->first)) continue;
    return rule->code;
  }
  return OK;
}

static int beginSystem(const char *function) { return initialized ? applyRules(&everywhere, function) : UNINITIALIZED; }

static int beginBoard(Board *board, const char *function) {
  int code = beginSystem(function);
  if (code != OK) return code;
  if (!board) return BAD_ARGUMENT;
  code = applyRules(&board->rules, function);
  if (board->lostOnce[0] && access(board->lostOnce, F_OK) == 0) board->lost = 0;
  return code == OK && nowS() >= board->lost ? board->lostCode : code;
}

#define SYSTEM() do { int code_ = beginSystem(__func__); if (code_ != OK) return code_; } while (0)
#define BOARD(board) do { int code_ = beginBoard(board, __func__); if (code_ != OK) return code_; } while (0)

static int copyText(char *out, unsigned int size, const char *text) {
  if (strlen(text) >= size) return TOO_SMALL;
  strcpy(out, text);
  return OK;
}

/* ---- the library ----------------------------------------------------------------------------------------------- */

EXPORT int nvmlInit_v2(void) {
  if (!initialized) readSettings();
  initialized++;
  int code = applyRules(&everywhere, "nvmlInit_v2");
  if (code != OK) initialized--;
  return code;
}

EXPORT int nvmlShutdown(void) {
  SYSTEM();
  initialized--;
  return OK;
}

EXPORT int nvmlSystemGetDriverVersion(char *out, unsigned int size) {
  SYSTEM();
  return copyText(out, size, driver);
}

EXPORT int nvmlSystemGetNVMLVersion(char *out, unsigned int size) {
  SYSTEM();
  return copyText(out, size, "12.555.42.06");
}

#ifndef WITHOUT_CUDA_V2
EXPORT int nvmlSystemGetCudaDriverVersion_v2(int *out) {
  SYSTEM();
  *out = 12050;
  return OK;
}
#endif

EXPORT int nvmlSystemGetCudaDriverVersion(int *out) {
  SYSTEM();
  *out = 12000;
  return OK;
}

EXPORT int nvmlDeviceGetCount_v2(unsigned int *out) {
  SYSTEM();
  *out = (unsigned int)boardCount;
  return OK;
}

EXPORT int nvmlDeviceGetHandleByIndex_v2(unsigned int index, Board **out) {
  if (!initialized) return UNINITIALIZED;
  if (index >= (unsigned int)boardCount) return BAD_ARGUMENT;
  BOARD(boards[index]);
  *out = boards[index];
  return OK;
}

static Instance *instanceAt(const void *handle) {
  for (int i = 0; i < boardCount; i++) {
    for (int k = 0; k < boards[i]->instanceCount; k++) {
      if (&boards[i]->instances[k] == handle) return &boards[i]->instances[k];
    }
  }
  return NULL;
}

/* A board, or one of its MIG devices. */
EXPORT int nvmlDeviceGetHandleByUUID(const char *uuid, void **out) {
  SYSTEM();
  for (int i = 0; i < boardCount; i++) {
    if (!strcmp(boards[i]->uuid, uuid)) {
      BOARD(boards[i]);
      *out = boards[i];
      return OK;
    }
    for (int k = 0; k < boards[i]->instanceCount; k++) {
      if (strcmp(boards[i]->instances[k].uuid, uuid)) continue;
      BOARD(boards[i]);
      *out = &boards[i]->instances[k];
      return OK;
    }
  }
  return NOT_FOUND;
}

#ifndef WITHOUT_MIG_PARENT
EXPORT int nvmlDeviceGetDeviceHandleFromMigDeviceHandle(void *handle, Board **out) {
  SYSTEM();
  Instance *instance = instanceAt(handle);
  if (!instance) return BAD_ARGUMENT;
  BOARD(instance->board);
  *out = instance->board;
  return OK;
}
#endif

EXPORT int nvmlDeviceGetName(Board *board, char *out, unsigned int size) {
  BOARD(board);
  return copyText(out, size, board->name);
}

EXPORT int nvmlDeviceGetUUID(Board *board, char *out, unsigned int size) {
  BOARD(board);
  return copyText(out, size, board->uuid);
}

EXPORT int nvmlDeviceGetVbiosVersion(Board *board, char *out, unsigned int size) {
  BOARD(board);
  return copyText(out, size, board->vbios);
}

EXPORT int nvmlDeviceGetBoardPartNumber(Board *board, char *out, unsigned int size) {
  BOARD(board);
  return copyText(out, size, "900-00000-0000-000");
}

static int indexOf(const Board *board) {
  for (int i = 0; i < boardCount; i++) {
    if (boards[i] == board) return i;
  }
  return -1;
}

EXPORT int nvmlDeviceGetPciInfo_v3(Board *board, PciInfo *out) {
  BOARD(board);
  unsigned int bus = (unsigned int)indexOf(board) + 1;
  memset(out, 0, sizeof *out);
  out->bus = bus;
  out->pciDeviceId = 0x233010DE;
  snprintf(out->busIdLegacy, sizeof out->busIdLegacy, "0000:%02X:00.0", bus);
  snprintf(out->busId, sizeof out->busId, "00000000:%02X:00.0", bus);
  return OK;
}

EXPORT int nvmlDeviceGetMinorNumber(Board *board, unsigned int *out) {
  BOARD(board);
  *out = (unsigned int)board->minorNumber;
  return OK;
}

#ifndef WITHOUT_ARCHITECTURE
EXPORT int nvmlDeviceGetArchitecture(Board *board, unsigned int *out) {
  BOARD(board);
  *out = board->architecture;
  return OK;
}
#endif

EXPORT int nvmlDeviceGetCudaComputeCapability(Board *board, int *major, int *minor) {
  BOARD(board);
  *major = board->major;
  *minor = board->minor;
  return OK;
}

/* The average of the last second on Ampere (GA100 apart) and newer. */
EXPORT int nvmlDeviceGetPowerUsage(Board *board, unsigned int *out) {
  BOARD(board);
  int isAverage = board->major > 8 || (board->major == 8 && board->minor > 0);
  *out = publishedMw(board, isAverage ? board->averageWindow : board->instantWindow, nowS());
  return OK;
}

#ifndef WITHOUT_ENERGY
EXPORT int nvmlDeviceGetTotalEnergyConsumption(Board *board, unsigned long long *out) {
  BOARD(board);
  *out = counterMj(board, nowS());
  return OK;
}
#endif

static int limit(double watts, unsigned int *out) {
  *out = (unsigned int)llround(watts * 1000);
  return OK;
}

EXPORT int nvmlDeviceGetEnforcedPowerLimit(Board *board, unsigned int *out) {
  BOARD(board);
  return limit(board->powerLimit, out);
}

EXPORT int nvmlDeviceGetPowerManagementLimit(Board *board, unsigned int *out) {
  BOARD(board);
  return limit(board->powerLimit, out);
}

EXPORT int nvmlDeviceGetPowerManagementDefaultLimit(Board *board, unsigned int *out) {
  BOARD(board);
  return limit(700, out);
}

EXPORT int nvmlDeviceGetPowerManagementLimitConstraints(Board *board, unsigned int *least, unsigned int *most) {
  BOARD(board);
  limit(200, least);
  return limit(700, most);
}

#ifndef WITHOUT_TEMPERATURE_V
EXPORT int nvmlDeviceGetTemperatureV(Board *board, Temperature_v1 *out) {
  BOARD(board);
  if (out->version != VERSION_WORD(Temperature_v1, 1)) return BAD_VERSION;
  if (out->sensorType != 0) return BAD_ARGUMENT;
  out->temperature = (int)lround(valueAt(&board->temperature, nowS()));
  return OK;
}
#endif

EXPORT int nvmlDeviceGetTemperature(Board *board, int sensor, unsigned int *out) {
  BOARD(board);
  if (sensor != 0) return BAD_ARGUMENT;
  *out = (unsigned int)lround(valueAt(&board->temperature, nowS()));
  return OK;
}

static int clockOf(int type, int isMost, unsigned int *out) {
  static const unsigned int now[] = {1700, 1701, 2600, 1500}, most[] = {1980, 1980, 2619, 1545};
  if (type < 0 || type > 3) return BAD_ARGUMENT;
  *out = isMost ? most[type] : now[type];
  return OK;
}

EXPORT int nvmlDeviceGetClockInfo(Board *board, int type, unsigned int *out) {
  BOARD(board);
  return clockOf(type, 0, out);
}

EXPORT int nvmlDeviceGetMaxClockInfo(Board *board, int type, unsigned int *out) {
  BOARD(board);
  return clockOf(type, 1, out);
}

#ifndef WITHOUT_EVENT_REASONS
EXPORT int nvmlDeviceGetCurrentClocksEventReasons(Board *board, unsigned long long *out) {
  BOARD(board);
  *out = board->eventReasons;
  return OK;
}
#endif

EXPORT int nvmlDeviceGetCurrentClocksThrottleReasons(Board *board, unsigned long long *out) {
  BOARD(board);
  *out = board->eventReasons;
  return OK;
}

EXPORT int nvmlDeviceGetUtilizationRates(Board *board, Utilization *out) {
  BOARD(board);
  if (board->mig == 1) return NOT_SUPPORTED;
  out->gpu = valueAt(&board->power, nowS()) > 75 ? 100 : 0;
  out->memory = 3;
  return OK;
}

#ifndef WITHOUT_MEMORY_V2
EXPORT int nvmlDeviceGetMemoryInfo_v2(Board *board, Memory_v2 *out) {
  BOARD(board);
  if (out->version != VERSION_WORD(Memory_v2, 2)) return BAD_VERSION;
  out->total = board->memoryTotal;
  out->reserved = 600ULL << 20;
  out->used = board->memoryUsed;
  out->free = out->total - out->reserved - out->used;
  return OK;
}
#endif

EXPORT int nvmlDeviceGetMemoryInfo(Board *board, Memory *out) {
  BOARD(board);
  out->total = board->memoryTotal;
  out->used = board->memoryUsed + (600ULL << 20);
  out->free = out->total - out->used;
  return OK;
}

EXPORT int nvmlDeviceGetPersistenceMode(Board *board, int *out) {
  BOARD(board);
  *out = board->persistence;
  return OK;
}

EXPORT int nvmlDeviceGetComputeMode(Board *board, int *out) {
  BOARD(board);
  *out = 0;
  return OK;
}

EXPORT int nvmlDeviceGetVirtualizationMode(Board *board, int *out) {
  BOARD(board);
  *out = 0;
  return OK;
}

EXPORT int nvmlDeviceGetEccMode(Board *board, int *current, int *pending) {
  BOARD(board);
  if (board->ecc < 0) return NOT_SUPPORTED;
  *current = *pending = board->ecc;
  return OK;
}

EXPORT int nvmlDeviceGetMigMode(Board *board, unsigned int *current, unsigned int *pending) {
  BOARD(board);
  if (board->mig < 0) return NOT_SUPPORTED;
  *current = *pending = (unsigned int)board->mig;
  return OK;
}

/* ---- processes ------------------------------------------------------------------------------------------------- */

typedef struct { unsigned int pid; unsigned long long bytes; } Process;

static int listProcesses(const Board *board, const char *kind, Process *out) {
  int count = 0;
  FILE *file = board->processes[0] ? fopen(board->processes, "re") : NULL;
  char line[256];
  while (file && count < MOST_PROCESSES && fgets(line, sizeof line, file)) {
    char own[32] = "compute";
    Process process = {0, ~0ULL};
    if (sscanf(line, "%u %31s %llu", &process.pid, own, &process.bytes) >= 1 && !strcmp(own, kind)) out[count++] = process;
  }
  if (file) fclose(file);
  for (long i = 0; i < board->grown && count < MOST_PROCESSES && !strcmp(kind, "compute"); i++) {
    out[count++] = (Process){900000u + (unsigned int)i, ~0ULL};
  }
  return count;
}

static int fillProcesses(Board *board, const char *kind, unsigned int *count, void *out, int isV1) {
  Process found[MOST_PROCESSES];
  unsigned int given = *count, real = (unsigned int)listProcesses(board, kind, found);
  *count = real;
  if (real > given) {
    board->grown += board->growProcesses;
    return TOO_SMALL;
  }
  for (unsigned int i = 0; i < real; i++) {
    if (isV1) ((ProcessInfo_v1 *)out)[i] = (ProcessInfo_v1){found[i].pid, found[i].bytes};
    else ((ProcessInfo *)out)[i] = (ProcessInfo){found[i].pid, found[i].bytes, ~0u, ~0u};
  }
  return OK;
}

#define PROCESSES(function, kind, isV1)                                          \
  EXPORT int function(Board *board, unsigned int *count, void *out) {            \
    BOARD(board);                                                                \
    return fillProcesses(board, kind, count, out, isV1);                         \
  }
#ifndef WITHOUT_V3
PROCESSES(nvmlDeviceGetComputeRunningProcesses_v3, "compute", 0)
PROCESSES(nvmlDeviceGetGraphicsRunningProcesses_v3, "graphics", 0)
PROCESSES(nvmlDeviceGetMPSComputeRunningProcesses_v3, "mps", 0)
#endif
#ifndef WITHOUT_V2
PROCESSES(nvmlDeviceGetComputeRunningProcesses_v2, "compute", 0)
PROCESSES(nvmlDeviceGetGraphicsRunningProcesses_v2, "graphics", 0)
PROCESSES(nvmlDeviceGetMPSComputeRunningProcesses_v2, "mps", 0)
#endif
PROCESSES(nvmlDeviceGetComputeRunningProcesses, "compute", 1)
PROCESSES(nvmlDeviceGetGraphicsRunningProcesses, "graphics", 1)

/* ---- fields ---------------------------------------------------------------------------------------------------- */

static int throttleNs(const Board *board, unsigned int id, double t, unsigned long long *out) {
  *out = 0;
  for (int i = 0; i < board->throttleCount; i++) {
    const Throttle *rule = &board->throttles[i];
    if (rule->id != id || t <= rule->from) continue;
    *out += (unsigned long long)llround(((t < rule->until ? t : rule->until) - rule->from) * 1e9);
  }
  return OK;
}

static int u32Field(FieldValue *field, unsigned int value) {
  field->valueType = TYPE_U32;
  field->value.u32 = value;
  return OK;
}

static int readField(Board *board, FieldValue *field, double t) {
  for (int i = 0; i < board->fieldCount; i++) {
    if (board->fields[i].id == field->fieldId) return board->fields[i].code;
  }
  field->valueType = TYPE_U64;
  switch (field->fieldId) {
    case 74: case 75: case 76: case 77: case 78: case 79: case 269: case 270: case 271:
      return throttleNs(board, field->fieldId, t, &field->value.u64);
    case 82: return u32Field(field, (unsigned int)board->memoryTemperature);
    case 83: field->value.u64 = counterMj(board, t); return OK;
#ifndef WITHOUT_INSTANT
    case 185: return field->scopeId ? BAD_ARGUMENT : u32Field(field, publishedMw(board, board->averageWindow, t));
    case 186: return field->scopeId ? BAD_ARGUMENT : u32Field(field, publishedMw(board, board->instantWindow, t));
#endif
    default: return NOT_SUPPORTED;
  }
}

#ifndef WITHOUT_FIELDS
EXPORT int nvmlDeviceGetFieldValues(Board *board, int count, FieldValue *fields) {
  BOARD(board);
  struct timespec wall;
  clock_gettime(CLOCK_REALTIME, &wall);
  double t = nowS();
  for (int i = 0; i < count; i++) {
    fields[i].timestamp = wall.tv_sec * 1000000LL + wall.tv_nsec / 1000;
    fields[i].latencyUsec = 0;
    fields[i].nvmlReturn = readField(board, &fields[i], t);
  }
  return OK;
}
#endif
