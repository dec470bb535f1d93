// SPDX-License-Identifier: MIT
/*
 * An extension module for CPython: importing it gives all three domains of
 * PyMem_SetAllocator() to hz3; use_heap() puts what comes after on a heap, to
 * be counted and limited. Blocks from before the import stay with whoever made
 * them: hz3_owns() tells which those are. python.py uses it.
 * libs: python3
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <hz3/hz3.h>

static struct hz3_heap *heap; /* NULL: malloc's own */
static PyMemAllocatorEx before[3];

static void *allocate(void *ctx, size_t size)
{
	(void)ctx;
	return heap ? hz3_heap_malloc(heap, size) : hz3_malloc(size);
}

static void *allocate_zeros(void *ctx, size_t nmemb, size_t size)
{
	(void)ctx;
	return heap ? hz3_heap_calloc(heap, nmemb, size) :
		      hz3_calloc(nmemb, size);
}

/* Python wants a block even of no bytes, where C's realloc() frees it. */
static void *reallocate(void *ctx, void *ptr, size_t size)
{
	PyMemAllocatorEx *old = ctx;

	if (!ptr)
		return allocate(ctx, size);
	if (!hz3_owns(ptr))
		return old->realloc(old->ctx, ptr, size);
	return hz3_realloc(ptr, size ? size : 1);
}

static void release(void *ctx, void *ptr)
{
	PyMemAllocatorEx *old = ctx;

	if (ptr && !hz3_owns(ptr))
		old->free(old->ctx, ptr);
	else
		hz3_free(ptr);
}

static PyObject *use_heap(PyObject *self, PyObject *args)
{
	(void)self;
	(void)args;
	if (!heap)
		heap = hz3_heap_create();
	if (!heap)
		return PyErr_NoMemory();
	Py_RETURN_NONE;
}

static PyObject *stats(PyObject *self, PyObject *args)
{
	struct hz3_heap_stats st = { .size = sizeof(st) };

	(void)self;
	(void)args;
	hz3_heap_get_stats(heap, &st);
	return Py_BuildValue("nn", (Py_ssize_t)st.nr_blocks,
			     (Py_ssize_t)st.used_bytes);
}

static PyObject *set_limit(PyObject *self, PyObject *arg)
{
	size_t limit = PyLong_AsSize_t(arg);

	(void)self;
	if (PyErr_Occurred())
		return NULL;
	hz3_heap_set_limit(heap, limit);
	Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
	{ "use_heap", use_heap, METH_NOARGS, "From now on." },
	{ "stats", stats, METH_NOARGS, "The blocks of the heap, their bytes." },
	{ "set_limit", set_limit, METH_O, "Bytes in use; 0 is no limit." },
	{ NULL, NULL, 0, NULL },
};

static struct PyModuleDef module = {
	PyModuleDef_HEAD_INIT,
	.m_name = "hz3python",
	.m_size = -1,
	.m_methods = methods,
};

PyMODINIT_FUNC PyInit_hz3python(void)
{
	static const PyMemAllocatorDomain domains[] = { PYMEM_DOMAIN_RAW,
							PYMEM_DOMAIN_MEM,
							PYMEM_DOMAIN_OBJ };
	PyMemAllocatorEx ours = { NULL, allocate, allocate_zeros, reallocate,
				  release };

	for (int i = 0; i < 3; i++) {
		PyMem_GetAllocator(domains[i], &before[i]);
		ours.ctx = &before[i];
		PyMem_SetAllocator(domains[i], &ours);
	}
	return PyModule_Create(&module);
}
