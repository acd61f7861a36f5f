/* SPDX-License-Identifier: MIT */
/* test_mgmt_fd.c - a descriptor goes with a command from the client to the server, never further
 * than it should; what was bound to a session learns of its end. */
#include "tests/unit/cmocka.h"

#include <dirent.h>

#include "tests/unit/io/mgmt_rig.h"

struct world {
	struct rig *r;
	struct mgmt_bond bond;
	unsigned gone;
	int code; /* of the last reply */
};

static int run_take(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct world *w = ctx;
	(void)a, (void)o;
	int fd = mgmt_take_fd(w->r->mgmt);
	if (fd < 0)
		return err_set(e, fd, "no descriptor came with this");
	assert_int_equal(write(fd, "hello", 5), 5);
	close(fd);
	return 0;
}

static void bond_gone(struct mgmt_bond *b)
{
	struct world *w = container_of(b, struct world, bond);
	w->gone++;
}

static int run_bind(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct world *w = ctx;
	(void)a, (void)o, (void)e;
	w->bond.gone = bond_gone;
	mgmt_bind(w->r->mgmt, &w->bond);
	return 0;
}

static const struct cmd_row rows[] = {
	{ "take", "", "takes the descriptor", 0, run_take },
	{ "bind", "", "binds to the session", 0, run_bind },
	{ NULL, NULL, NULL, 0, NULL },
};

static struct world world;

static int set_up(void **state)
{
	void *rig;
	if (rig_set_up(&rig))
		return -1;
	world = (struct world){ .r = rig };
	world.r->table = (struct cmd_table){ rows, &world };
	*state = &world;
	return rig_open(rig, false, NULL);
}

static int tear_down(void **state)
{
	void *rig = ((struct world *)*state)->r;
	return rig_tear_down(&rig);
}

static unsigned open_fds(void)
{
	unsigned n = 0;
	DIR *d = opendir("/proc/self/fd");
	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static void on_reply(void *ctx, const struct mgmt_reply *r)
{
	((struct world *)ctx)->code = r->code;
}

static struct mgmt_client *client(struct world *w)
{
	struct mgmt_client *c;
	assert_int_equal(mgmt_client_open(&c, w->r->loop, w->r->path, NULL), 0);
	rig_turns(w->r);
	return c;
}

static void the_descriptor_arrives_with_its_command(void **state)
{
	struct world *w = *state;
	struct mgmt_client *c = client(w);
	int p[2];
	char got[8] = "";
	assert_int_equal(pipe(p), 0);
	unsigned before = open_fds();
	w->code = -2;
	assert_int_equal(mgmt_client_send(c, "take", on_reply, w), 0); /* waits behind this one */
	assert_int_equal(mgmt_client_send_fd(c, "take", p[1], on_reply, w), 0);
	rig_turns(w->r);
	rig_turns(w->r);
	assert_int_equal(w->code, 0);
	assert_int_equal(read(p[0], got, sizeof got), 5);
	assert_string_equal(got, "hello");
	assert_int_equal(mgmt_client_send(c, "take", on_reply, w), 0);
	rig_turns(w->r);
	assert_int_equal(w->code, EBADF);
	assert_int_equal(open_fds(), before);
	assert_int_equal(mgmt_client_send_fd(c, "take\n", p[1], on_reply, w), -EINVAL);
	assert_int_equal(mgmt_client_send_fd(c, "take", -1, on_reply, w), -EBADF);
	close(p[0]);
	close(p[1]);
	mgmt_client_close(c);
	rig_turns(w->r);
}

static void what_nobody_takes_is_closed(void **state)
{
	struct world *w = *state;
	unsigned before = open_fds();
	struct mgmt_client *c = client(w);
	for (unsigned i = 0; i < 100; i++) {
		assert_int_equal(mgmt_client_send_fd(c, "bind", 0, NULL, NULL), 0);
		rig_turns(w->r);
		mgmt_unbind(&w->bond);
	}
	assert_true(open_fds() <= before + 3); /* the session's two ends, and the last that came */
	mgmt_client_send_fd(c, "bind", 0, NULL, NULL);
	mgmt_client_close(c); /* with a request that may not have left */
	rig_turns(w->r);
	assert_int_equal(open_fds(), before);
}

/* More than one in a message, and text that names no command: all are closed in the end. */
static void a_heap_of_descriptors_harms_nobody(void **state)
{
	struct world *w = *state;
	unsigned before = open_fds();
	int fd = rig_welcomed(w->r), many[20];
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof many)] = { 0 };
	char text[] = "nonsense\n";
	struct iovec iov = { text, sizeof text - 1 };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof control };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	for (unsigned i = 0; i < 20; i++)
		many[i] = 0;
	*c = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
			       .cmsg_type = SCM_RIGHTS,
			       .cmsg_len = CMSG_LEN(sizeof many) };
	memcpy(CMSG_DATA(c), many, sizeof many);
	assert_int_equal(sendmsg(fd, &m, 0), sizeof text - 1);
	assert_non_null(strstr(rig_read(w->r, fd, NULL), "1038"));
	assert_true(open_fds() <= before + 3);
	close(fd);
	rig_turns(w->r);
	assert_int_equal(open_fds(), before);
}

static void a_bond_hears_when_its_session_goes(void **state)
{
	struct world *w = *state;
	struct mgmt_client *c = client(w);
	mgmt_client_send(c, "bind", NULL, NULL);
	rig_turns(w->r);
	assert_non_null(w->bond.session);
	mgmt_client_close(c);
	rig_turns(w->r);
	assert_int_equal(w->gone, 1);
	assert_null(w->bond.session);
	c = client(w);
	mgmt_client_send(c, "bind", NULL, NULL);
	rig_turns(w->r);
	mgmt_unbind(&w->bond);
	mgmt_client_close(c);
	rig_turns(w->r);
	assert_int_equal(w->gone, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_descriptor_arrives_with_its_command, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_nobody_takes_is_closed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_heap_of_descriptors_harms_nobody, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_bond_hears_when_its_session_goes, set_up,
						tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
