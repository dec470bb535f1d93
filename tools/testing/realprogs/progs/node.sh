#!/bin/bash
# SPDX-License-Identifier: MIT
#
# node: maps, JSON, buffers, zlib in the thread pool, worker threads.

. "$(dirname "$0")/../common.sh"

needs=node

prog_setup()
{
	cat > "$work/work.js" <<-'END'
	const { Worker, isMainThread, workerData, parentPort } =
		require('worker_threads');
	const crypto = require('crypto');
	const zlib = require('zlib');
	const count = isMainThread ? Number(process.argv[2]) : workerData.count;
	const sha = (data) =>
		crypto.createHash('sha256').update(data).digest('hex');

	function work(seed) {
		const map = new Map();
		for (let i = 0; i < count; i++)
			map.set('key ' + (i * 7919 + seed) % 1000003,
				{ i, text: 'x'.repeat(i % 40) });
		const text = JSON.stringify([...map.entries()].sort());
		const buffers = [];
		for (let i = 0; i < count / 10; i++)
			buffers.push(Buffer.alloc(i % 9000 + 1, i & 255));
		return [map.size, sha(text), sha(Buffer.concat(
			buffers.filter((b, i) => i % 3 === 0)))];
	}

	function compress(seed) {
		const data = Buffer.from(('text ' + seed).repeat(count / 4));
		return new Promise((resolve, reject) =>
			zlib.gzip(data, (error, packed) => error ? reject(error) :
				zlib.gunzip(packed, (bad, back) => bad ?
					reject(bad) : resolve(sha(back)))));
	}

	function inWorker(seed) {
		return new Promise((resolve, reject) => {
			const w = new Worker(__filename,
				{ workerData: { count, seed } });
			w.on('message', resolve);
			w.on('error', reject);
		});
	}

	async function main() {
		console.log(work(0));
		const seeds = [1, 2, 3, 4, 5, 6];
		console.log(await Promise.all(seeds.map(compress)));
		console.log(await Promise.all(seeds.map(inWorker)));
	}

	if (isMainThread)
		main();
	else
		parentPort.postMessage(work(workerData.seed));
	END
}

prog_run()
{
	under node "$work/work.js" "$(pick 30000 50000 200000)"
}

realprog_main "$@"
