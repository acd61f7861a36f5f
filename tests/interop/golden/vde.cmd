showinfo
ds/showinfo
port/showinfo
hash/showinfo
fstp/showinfo
port/print
port/print 7
port/print 5
port/print 40
port/create 5
port/create 5
port/create 32
port/remove 32
port/create -1
port/create 99999999999
port/allprint 5
port/allprint 6
port/allprint 40
port/remove 99
port/remove 9
port/remove 7
port/remove 5
port/createauto
port/allocatable
port/allocatable 5 1
port/allocatable 2 1
port/allocatable 2
port/allocatable 2 7
port/allocatable 40 1
port/setuser
port/setuser 2
port/setuser 2 nosuchuser
port/setuser 2 0
port/setuser 2 12345
port/setuser 2 ANY
port/setuser 2 NONE
port/setuser 2 nobody
port/setuser 9 nobody
port/setuser 90 nobody
port/setgroup 2 nogroup
port/setgroup 2 nosuch
port/setgroup 2 4242
port/allprint 2
port/setnumports
port/setnumports 2
port/setnumports 0
port/setnumports -4
port/setnumports abc
port/setnumports 40
port/showinfo
port/sethub 1
port/showinfo
port/sethub 0
port/epclose
port/epclose 3
port/epclose 2 1
port/epclose 9 1
port/epclose 90 1
port/resetcounter 9
port/resetcounter 90
port/resetcounter 7
port/print 7
port/resetcounter
port/print 1
port/setvlan
port/setvlan 2
port/setvlan 2 5
port/setvlan 9 0
port/setvlan 2 4096
port/setvlan 2 -1
port/setvlan -1 10
vlan/create
vlan/create 10
vlan/create 10
vlan/create 4095
vlan/create 0
vlan/create -1
vlan/create abc
vlan/create 4093
vlan/addport
vlan/addport 10
vlan/addport 10 2
vlan/addport 10 2
vlan/addport 11 2
vlan/addport 10 9
vlan/addport 10 90
vlan/addport 4096 2
vlan/addport 10 -1
vlan/addport 0 2
vlan/allprint
vlan/print
vlan/remove 10
port/setvlan 2 10
vlan/allprint 10
vlan/addport 10 2
vlan/delport 10 2
vlan/delport 11 2
vlan/delport 10 9
vlan/delport 10 90
vlan/delport
port/allprint 2
port/setvlan 1 10
vlan/addport 4093 7
vlan/print
vlan/print 10
vlan/print 0
vlan/print 9999
vlan/print 11
vlan/allprint 11
vlan/allprint 4096
vlan/allprint x
port/print
port/setvlan 1 4095
port/print 1
vlan/allprint
port/setvlan 1 0
port/setvlan 2 0
vlan/delport 4093 7
vlan/delport 4093 7
vlan/remove 10
vlan/remove 10
vlan/remove 0
vlan/remove -1
vlan/remove 4096
hash/print
hash/find
hash/find zz
hash/find 02:00:00:00:00:0f
hash/find 02.00.00.00.00.0f 4
hash/setsize
hash/setsize 256
hash/setsize -5
hash/setsize abc
hash/print
hash/setgcint 5
hash/setexpire 200
hash/setminper 1
hash/showinfo
hash/setminper 0
hash/showinfo
fstp/setfstp 0
debug/list
debug/list port
debug/list nosuch
debug/add nosuch
debug/add port/+
debug/add port/+
debug/list port
debug/del hash
debug/del port
debug/del nosuch
plugin/list
plugin/list x
plugin/add
plugin/add nosuch
plugin/del
plugin/del nosuch
help port/setu
help nosuch
ds
port
load
load /nonexistent
showinfoxx
nosuch

# comment
   showinfo
logout
