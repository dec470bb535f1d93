// SPDX-License-Identifier: MIT
/// libc functions that allocate, or take a lock that an allocating thread may
/// hold, called from inside the allocator. init/libc.h wraps the few we need,
/// with a guard against recursion.
// Scope: lib mm remote shard

virtual report

@r@
identifier f =~ "^(malloc|calloc|realloc|reallocarray|free|posix_memalign|aligned_alloc|memalign|valloc|pvalloc|strdup|strndup|asprintf|vasprintf|printf|fprintf|sprintf|snprintf|vprintf|vfprintf|vsprintf|vsnprintf|dprintf|vdprintf|puts|fputs|fputc|putchar|putc|perror|fopen|fdopen|fclose|fread|fwrite|fgets|getline|fflush|open_memstream|setvbuf|dlopen|dlsym|dlclose|dlerror|dladdr|dl_iterate_phdr|getenv|secure_getenv|setenv|putenv|unsetenv|pthread_create|pthread_key_create|pthread_setspecific|pthread_atfork|pthread_getattr_np|pthread_mutex_lock|atexit|on_exit|__cxa_atexit|exit|abort|qsort|qsort_r|opendir|readdir|scandir|glob|getpwnam|gettext|setlocale|strerror|syslog|backtrace|backtrace_symbols|localtime|mktime|tmpfile|popen|system|getaddrinfo|regcomp|fnmatch|iconv_open|sem_open|hcreate|tsearch|longjmp)$";
position p;
@@
 f@p(...)

@script:python depends on report@
p << r.p;
f << r.f;
@@
coccilib.report.print_report(p[0], "%s() may allocate or lock; not below init/" % f)
