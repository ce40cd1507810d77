import CMosquitto

/// libmosquitto wants to be told when a program begins and ends to use it.
func mosquittoBegin() { mosquitto_lib_init() }
func mosquittoEnd() { mosquitto_lib_cleanup() }
