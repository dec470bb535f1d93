#!/bin/bash
# SPDX-License-Identifier: MIT
#
# nginx with a configuration of its own on a free port of the loopback
# device: static files, compression on the fly and a proxy to itself, fetched
# one by one and under the load of ab (apache2-utils).

. "$(dirname "$0")/../common.sh"

needs='nginx curl ab'

prog_setup()
{
	local i

	mkdir -p "$work/www"
	for i in $(seq 40); do
		seq -f "line %g of file $i" "$((i * i * 20))" \
			> "$work/www/$i.txt"
	done
	head -c 3000000 "$(command -v gcc)" > "$work/www/binary"
	chmod -R a+rX "$work/www"
}

free_port()
{
	local port

	for port in $(shuf -i 20000-32000 -n 50); do
		if ! (: < "/dev/tcp/127.0.0.1/$port") 2> /dev/null; then
			echo "$port"
			return
		fi
	done
	die "no free port"
}

configuration()
{
	cat <<-END
	daemon off;
	$([ "$(id -u)" -ne 0 ] || echo "user nobody nogroup;")
	worker_processes 2;
	pid $work/$name.pid;
	error_log $work/$name.error;
	events { worker_connections 512; }
	http {
		types { text/plain txt; }
		access_log off;
		client_body_temp_path $work/$name.tmp/body;
		proxy_temp_path $work/$name.tmp/proxy;
		fastcgi_temp_path $work/$name.tmp/fastcgi;
		uwsgi_temp_path $work/$name.tmp/uwsgi;
		scgi_temp_path $work/$name.tmp/scgi;
		gzip on;
		gzip_min_length 100;
		server {
			listen 127.0.0.1:$port;
			root $work/www;
			location /proxy/ { proxy_pass http://127.0.0.1:$port/; }
		}
	}
	END
}

fetch_all()
{
	local file place

	for place in '' proxy/; do
		for file in $(cd "$work/www" && printf '%s\n' * | sort -V); do
			curl -sSf --compressed "$url/$place$file" | sha256sum
			curl -sSf -r 100-5000 "$url/$place$file" | sha256sum
		done
	done
	curl -s -o "$work/$name.404" -w '%{http_code}\n' "$url/none"
}

bench()
{
	load ab -q -k -c 16 -n "$(pick 5000 5000 200000)" \
		-H 'Accept-Encoding: gzip' "$url/$1" > "$work/$name.bench"
	grep -E '^(Complete|Failed|Non-2xx)' "$work/$name.bench"
}

prog_run()
{
	port=$(free_port)
	url=http://127.0.0.1:$port
	rm -rf "$name.tmp"
	mkdir "$name.tmp"
	chmod 777 "$name.tmp"
	configuration > "$name.conf"
	server nginx -e "$work/$name.error" -p "$work" -c "$work/$name.conf"
	wait_for curl -sSf "$url/1.txt"
	fetch_all
	bench 5.txt
	bench proxy/7.txt
	server_stop
	! grep -E 'alert|crit|emerg|exited on signal' "$name.error"
}

realprog_main "$@"
